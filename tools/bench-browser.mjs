// @ts-check
// `npm run bench:browser`: measures a store of 10⁵ rows in Chromium, over each medium that a page has, in the page's own thread
// and in a worker. Prints medians, and writes all to bench/results/browser-<date>.json. Times are of a clock on the wall,
// so that the machine should have nothing else to do; its load is written beside them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus, loadavg, release, tmpdir, type } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright";
import { flags, requireChromium } from "./chromium.mjs";
import { isMain, root } from "./project.mjs";

const rounds = 5;
/** @type {readonly { medium: string, thread: "page" | "worker" }[]} */
const settings = [
  { medium: "memory", thread: "page" },
  { medium: "memory", thread: "worker" },
  { medium: "level", thread: "page" },
  { medium: "level", thread: "worker" },
  { medium: "opfs", thread: "worker" },
];

/** @typedef {Record<string, number>} Figures */

/** @returns {Promise<Map<string, { type: string, body: string }>>} */
async function pages() {
  const { outputFiles } = await build({
    entryPoints: ["page", "worker"].map((name) => `${root}bench/src/browser/${name}.ts`),
    outdir: "/",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["@zspine/source"],
    write: false,
  });
  const scripts = outputFiles.map(({ path, text }) => [path, { type: "text/javascript", body: text }]);
  const html = '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>';
  return new Map([["/", { type: "text/html", body: html }], .../** @type {any} */ (scripts)]);
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** @param {import("playwright").Page} page */
async function measure(page) {
  /** @type {Map<string, Figures[]>} */
  const found = new Map();
  // In turn, so that what else the machine does meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const { medium, thread } of settings) {
      const figures = await page.evaluate(
        (asked) => {
          const { measure: all } = /** @type {any} */ (globalThis);
          return all[asked.thread](asked.medium, asked.place);
        },
        { medium, thread, place: `${medium}-${thread}-${round}` },
      );
      const name = `${medium}, ${thread}`;
      found.set(name, [...(found.get(name) ?? []), figures]);
    }
  }
  return found;
}

if (isMain(import.meta.url)) {
  const executablePath = requireChromium({ mayInstall: false });
  const files = await pages();
  const server = createServer(({ url = "" }, response) => {
    const file = files.get(url);
    response.writeHead(file ? 200 : 404, { "content-type": file?.type ?? "text/plain" }).end(file?.body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  const profile = mkdtempSync(join(tmpdir(), "zspine-chromium-"));
  const browser = await chromium.launchPersistentContext(profile, { executablePath, args: [...flags] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${address.port}/`);
    await page.waitForFunction(() => "measure" in globalThis);
    const loads = { before: loadavg()[0], after: 0 };
    const found = await measure(page);
    loads.after = loadavg()[0] ?? 0;
    /** @type {Record<string, Figures>} */
    const medians = {};
    for (const [name, runs] of found) {
      const names = Object.keys(runs[0] ?? {});
      medians[name] = Object.fromEntries(
        names.map((figure) => [
          figure,
          Number(median(runs.map((run) => run[figure] ?? Number.NaN)).toFixed(3)),
        ]),
      );
    }
    console.table(medians);
    const date = new Date().toISOString().slice(0, 10);
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, system: `${type()} ${release()}`, loads };
    const result = {
      date,
      machine,
      browser: browser.browser()?.version(),
      rounds,
      medians,
      runs: Object.fromEntries(found),
    };
    writeFileSync(`${root}bench/results/browser-${date}.json`, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    await browser.close();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
