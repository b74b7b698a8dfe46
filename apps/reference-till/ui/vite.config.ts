/**
 * Builds the pages into `dist/`: files only, nothing inline, nothing from elsewhere.
 *
 * @module
 */

import { defineConfig, type UserConfig } from "vite";

// The same pages whoever builds them: a test runner sets another environment.
process.env["NODE_ENV"] = "production";

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ["@tillmesh/source", "module", "browser"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

export default config;
