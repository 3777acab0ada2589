import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/schema.ts"] },
  ...tseslint.configs.strict,
  {
    plugins: { "import-x": importX },
    settings: {
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"] },
      "import-x/resolver-next": [importX.createNodeResolver({ extensions: [".ts", ".js"] })],
    },
    rules: {
      "import-x/no-cycle": "error",
      "import-x/no-self-import": "error",
      "import-x/no-unresolved": ["error", { ignore: ["^vite", "^vitest", "\\.css$"] }],
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "Only src/api.ts talks to the server." },
        { name: "XMLHttpRequest", message: "Only src/api.ts talks to the server." },
        { name: "confirm", message: "Ask in a <dialog>: src/dialog.ts." },
        { name: "alert", message: "Say it on the page." },
      ],
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["lit-html/directives/unsafe-*"], message: "Values are text, never HTML." }] },
      ],
      "no-console": "error",
      eqeqeq: "error",
      "max-lines": ["error", { max: 300, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ["src/api.ts"],
    rules: { "no-restricted-globals": "off" },
  },
  {
    files: ["src/viewer/**", "src/keys.ts", "src/api.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/reading/**", "**/cases/**", "**/upload/**"],
              message: "The viewer and the API know no page.",
            },
          ],
        },
      ],
    },
  },
);
