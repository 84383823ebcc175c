// @ts-check
// `npm run check:site`: looks at the site that `npm run docs` has made, in Chromium: whether the search finds what people
// look for, whether a page fits a phone, whether there is dark, and a way on from each guide; and whether links lead to
// places that there are. `--shots DIR` takes pictures of some pages. Serves it on this machine only, while it looks.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright";
import { flags, requireChromium } from "../chromium.mjs";
import { report, root } from "../project.mjs";
import { deadAnchors } from "./anchors.mjs";
import { htmlPages } from "./html-pages.mjs";
import { play } from "./play.mjs";

const site = `${root}docs/site`;
const PHONE = { width: 390, height: 844 };
const PAGES = [
  "/",
  "/guides/getting-started",
  "/guides/performance",
  "/api/@zspine/store/classes/Store",
  "/features",
  "/playground",
];
/** What people look for, and a page on which it is. */
const SOUGHT = { retraction: "Concepts", NaN: "Schemas", ZSPINE_LOCKED: "Errors" };
/** @type {Readonly<Record<string, string>>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** Serves the site as a host does that has `/a` mean `a.html`. @returns {Promise<import("node:http").Server>} */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname);
    for (const file of path.endsWith("/") ? [`${path}index.html`] : [path, `${path}.html`]) {
      const bytes = await readFile(join(site, file)).catch(() => undefined);
      if (bytes === undefined) continue;
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(bytes);
      return;
    }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return server;
}

/**
 * @param {import("playwright").Page} page
 * @param {string} address
 */
async function lookAt(page, address) {
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(`${page.url()}: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 400) errors.push(`${page.url()}: ${response.url()} is not there`);
  });
  for (const path of PAGES) {
    await page.setViewportSize(PHONE);
    await page.goto(address + path, { waitUntil: "networkidle" });
    const width = await page.evaluate("document.scrollingElement.scrollWidth");
    if (width > PHONE.width) errors.push(`${path}: is ${width} wide on a phone of ${PHONE.width}`);
  }
  await page.setViewportSize({ width: 1280, height: 1000 });
  await page.goto(`${address}/guides/reading`, { waitUntil: "networkidle" });
  for (const part of [".pager-link.prev", ".pager-link.next", ".edit-link-button"])
    if ((await page.locator(part).count()) === 0) errors.push(`/guides/reading: has no ${part}`);
  const paper = "getComputedStyle(document.body).backgroundColor";
  const light = await page.evaluate(paper);
  await page.locator(".VPSwitchAppearance").first().click();
  if ((await page.evaluate(paper)) === light)
    errors.push("/guides/reading: is as light as before, in the dark");
  for (const [word, title] of Object.entries(SOUGHT)) {
    await page.keyboard.press("Control+k");
    await page.locator(".search-input").fill(word);
    const found = page.locator(".results .result", { hasText: title });
    const isFound = await found
      .first()
      .waitFor({ timeout: 15_000 })
      .then(
        () => true,
        () => false,
      );
    if (!isFound) errors.push(`the search for ${word} does not find ${title}`);
    await page.keyboard.press("Escape");
  }
  return errors;
}

/**
 * @param {import("playwright").Page} page
 * @param {string} address
 * @param {string} folder
 */
async function takeShots(page, address, folder) {
  const scene = "/playground#seed=7&days=14&flights=10000&budget=2";
  for (const [size, viewport] of Object.entries({ desktop: { width: 1280, height: 1000 }, phone: PHONE })) {
    await page.setViewportSize(viewport);
    for (const path of PAGES) {
      await page.goto(address + path, { waitUntil: "networkidle" });
      const name = path.replaceAll(/[^\w]+/g, "-").replace(/^-|-$/g, "") || "landing";
      await page.screenshot({ path: join(folder, `${name}-${size}.png`) });
    }
    for (const scheme of /** @type {const} */ (["light", "dark"])) {
      await page.evaluate(`localStorage.setItem("vitepress-theme-appearance", "${scheme}")`);
      await page.goto("about:blank");
      await page.goto(address + scene, { waitUntil: "networkidle" });
      await page.waitForSelector('.playground[data-ready="true"]');
      await page.screenshot({ path: join(folder, `scene-${size}-${scheme}.png`), fullPage: true });
    }
  }
}

const server = await serve();
const browser = await chromium.launch({
  executablePath: requireChromium({ mayInstall: false }),
  args: [...flags],
});
try {
  const page = await browser.newPage();
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const address = `http://127.0.0.1:${port}`;
  const errors = [
    ...deadAnchors(await htmlPages(site)),
    ...(await lookAt(page, address)),
    ...(await play(page, address)),
  ];
  const at = process.argv.indexOf("--shots");
  if (at > 0) await takeShots(page, address, process.argv[at + 1] ?? ".");
  report("site", { errors });
} finally {
  await browser.close();
  server.close();
}
