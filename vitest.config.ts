import { configDefaults, defineConfig } from "vitest/config";

// Tests run on the sources: the packages' own export condition comes before Vite's defaults for Node.
const conditions = ["@zspine/source", "module", "node", "development|production"];
const jsonReport = process.env["VITEST_JSON_REPORT"];

// `npm test` runs what is done in minutes, `npm run test:long` the files named `*.long.test.ts`: the same laws with more
// seeds, more kills, every case. `all` is both, for a run that names its files.
const LONG = ["{packages,examples}/*/test/**/*.long.test.ts", "bench/test/**/*.long.test.ts"];
const tests = process.env["ZSPINE_TESTS"] ?? "short";
if (!["short", "long", "all"].includes(tests))
  throw new Error(`ZSPINE_TESTS: expected short, long or all, found "${tests}"`);
// What only a browser has: `npm run test:browser`.
const IN_BROWSER = "packages/*/test/browser/**";
const everything = [
  "packages/*/test/**/*.test.ts",
  "examples/*/test/**/*.test.ts",
  "bench/test/**/*.test.ts",
  "tools/test/**/*.test.{ts,mjs}",
];

const include = tests === "long" ? LONG : everything;
const exclude = [...configDefaults.exclude, IN_BROWSER, ...(tests === "short" ? LONG : [])];

// Tests of packages that have to do with nothing of their process, and put back what they change of it. In `npm test` their
// files share it, and load what they import once, which saves a minute of four; each other file has a process of its own.
const SHARING =
  "packages/{adapter-*,backend-{memory,opfs},conformance,core,data,location,map,operators,store,temporal}/test/**";
const projects = [
  {
    extends: true as const,
    test: { name: "sharing", isolate: false, include: [`${SHARING}/*.test.ts`], exclude },
  },
  { extends: true as const, test: { name: "alone", include, exclude: [...exclude, SHARING] } },
];

// Far from what anything takes, on a busy machine too: a limit is there for what hangs.
const HANGS_MS = 600_000;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    ...(process.env["ZSPINE_PROCESSES"] === "shared" ? { projects } : { include, exclude }),
    setupFiles: "packages/store/test/loaded-half.ts",
    pool: "forks",
    // One for each core: by default one core is left idle, and CI has two.
    maxWorkers: 2,
    // Bun says of every module that it is __esModule, and what is imported from it would be lost.
    deps: { interopDefault: false },
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
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
