import { defineConfig } from "vitest/config";

// Tests run on the sources: the packages' own export condition comes before Vite's defaults for Node.
const conditions = ["@zspine/source", "module", "node", "development|production"];
const jsonReport = process.env["VITEST_JSON_REPORT"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "examples/*/test/**/*.test.ts",
      "bench/test/**/*.test.ts",
      "tools/test/**/*.test.{ts,mjs}",
    ],
    pool: "forks",
    // One for each core: by default one core is left idle, and CI has two.
    maxWorkers: 2,
    // Bun says of every module that it is __esModule, and what is imported from it would be lost.
    deps: { interopDefault: false },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: jsonReport ? ["default", ["json", { outputFile: jsonReport }]] : ["default"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text-summary", "html", "json-summary"],
      reportOnFailure: true,
      thresholds: { lines: 85 },
    },
  },
});
