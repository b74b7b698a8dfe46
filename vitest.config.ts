import { defineConfig } from "vitest/config";

const conditions = ["@tillmesh/source"];
const outside = "apps/*/**/e2e/**/*.test.ts";

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A busy machine is no fault of what is tested; polling ends as soon as it holds.
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ["./toolchain/seed.ts"],
    reporters: ["default", "./toolchain/count-reporter.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "inside",
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/*/**/*.test.ts",
            "examples/**/*.test.ts",
            "{sim,bench,tidy,toolchain}/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/dist/**", outside],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // These start tills and browsers of their own, and take turns with nothing that counts on quick answers.
        test: {
          name: "outside",
          include: [outside],
          exclude: ["**/node_modules/**", "**/dist/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
