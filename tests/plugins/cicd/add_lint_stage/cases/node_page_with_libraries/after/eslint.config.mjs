import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

export default defineConfig([
  globalIgnores(["**/*.min.*", "**/vendor/", "build/", "coverage/", "dist/", "js/jquery-3.7.1.js"]),
  js.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.jquery } },
    rules: { complexity: ["error", 15] },
  },
]);
