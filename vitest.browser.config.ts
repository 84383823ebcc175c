import { tmpdir } from "node:os";
import { join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { standIns, testsInBrowser } from "./tools/check-browser-tests.mjs";
import { commands } from "./tools/browser/tabs.mjs";
import { flags, requireChromium } from "./tools/chromium.mjs";

// `npm run test:browser`: what `npm test` runs of packages/, but for what needs Node, and what needs a browser; in Chromium.
const jsonReport = process.env["VITEST_JSON_REPORT"];
const here = (path: string): string => new URL(path, import.meta.url).pathname;

const profile = process.env["ZSPINE_CHROMIUM_PROFILE"] ?? join(tmpdir(), "zspine-chromium");

// Far from what anything takes, as in vitest.config.ts.
const HANGS_MS = 120_000;

// Tests ask for seeds by these.
const asked = Object.entries(process.env).filter(([name]) => name.startsWith("ZSPINE_"));

// As in vitest.config.ts: files of tests that put back what they change share a page, and load what they import once.
const { included } = testsInBrowser();
const isSharing = (path: string): boolean =>
  /^packages\/(conformance|core|map|operators|store|temporal)\/test\/(?!browser\/)/.test(path);

/** A run in a browser of its own, whose files and databases lie on the disk, as those of a user's do. */
const projectOf = (name: string, include: readonly string[], isolate: boolean) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    isolate,
    browser: {
      enabled: true,
      headless: true,
      ui: false,
      screenshotFailures: false,
      commands,
      provider: playwright({
        launchOptions: { executablePath: requireChromium({ mayInstall: false }), args: [...flags] },
        persistentContext: join(profile, name),
      }),
      instances: [{ browser: "chromium" as const, name: `${name} in chromium` }],
    },
  },
});

export default defineConfig({
  define: { "process.env": JSON.stringify(Object.fromEntries(asked)) },
  resolve: {
    // As a bundler for browsers chooses, but for the sources.
    conditions: ["@zspine/source", "browser", "module", "development|production"],
    alias: Object.fromEntries(Object.entries(standIns).map(([name, path]) => [name, here(path)])),
  },
  test: {
    setupFiles: ["tools/browser/setup.ts", "packages/store/test/loaded-half.ts"],
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    reporters: jsonReport ? ["default", ["json", { outputFile: jsonReport }]] : ["default"],
    // One page after another in each: a profile is one page's at a time.
    fileParallelism: false,
    projects: [
      projectOf("sharing", included.filter(isSharing), false),
      projectOf(
        "alone",
        included.filter((path) => !isSharing(path)),
        true,
      ),
    ],
  },
});
