import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'

export default defineConfig([
  globalIgnores(['build/', 'coverage/', 'dist/']),
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: { complexity: ['error', 15] },
  },
])
