import { defineConfig } from "vitest/config";

const entries = ["site", "reading", "upload", "instructions", "models", "case", "deidentification", "review", "adjudication"];

// Django finds the hashed files of the build in manifest.json, and `make dev` loads the sources from the
// dev server under the same path.
export default defineConfig(({ command }) => ({
  base: command === "serve" ? "/static/" : "./",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    rollupOptions: {
      input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  test: {
    environment: "node",
    include: ["tests/**/*.test.ts"],
    // vitest loads the development build of lit-html, which introduces itself on the console.
    onConsoleLog: (text) => !text.includes("Lit is in dev mode"),
  },
}));
