import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';

export default defineConfig([
  globalIgnores(['build/', 'coverage/', 'dist/']),
  js.configs.recommended,
  { files: ['**/*.js'], languageOptions: { sourceType: 'commonjs' } },
  {
    languageOptions: { globals: { ...globals.node, ...globals.jest } },
    rules: { complexity: ['error', 15] },
  },
]);
