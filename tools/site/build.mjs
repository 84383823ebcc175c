// @ts-check
// `npm run docs`: makes the site of what the repository says. Documents are copied to website/pages, the API is written
// there by TypeDoc, and VitePress makes docs/site of all of it, which fails for links that lead nowhere. With `--serve` it
// shows the site as it is written, on this machine only.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { GUIDES } from "../../website/guides.mjs";
import { readFiles, readText, root } from "../project.mjs";
import { pageOf, pageText } from "./pages.mjs";

const pages = `${root}website/pages`;

/** @param {readonly string[]} args */
function run(...args) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** Copies what the repository says to where the site is made of. */
function stage() {
  rmSync(pages, { recursive: true, force: true });
  const folders = ["docs", "packages", "examples", "decisions", "bench"];
  const files = new Map([
    ...readFiles(folders, /\.(md|svg)$/),
    ...["ARCHITECTURE.md", "CONTRIBUTING.md"].map((path) => /** @type {const} */ ([path, readText(path)])),
  ]);
  for (const [source, text] of files) {
    const page = pageOf(source);
    if (page === undefined) continue;
    mkdirSync(dirname(`${pages}/${page}`), { recursive: true });
    writeFileSync(`${pages}/${page}`, page.endsWith(".md") ? pageText(text, source) : text);
  }
  const example = /^```ts run\n([\s\S]*?)^```/m.exec(readText("README.md"))?.[1] ?? "";
  const landing = readFileSync(`${root}website/landing.md`, "utf8").replace(
    "<!-- example -->",
    example.trim(),
  );
  writeFileSync(`${pages}/index.md`, landing);
  copyFileSync(`${root}website/playground.md`, `${pages}/playground.md`);
  // What the head of the landing page shows is not linked from its text, but asked for by its address.
  mkdirSync(`${pages}/public`, { recursive: true });
  writeFileSync(`${pages}/public/hero.svg`, readText("docs/figures/hero.svg"));
}

/** Fails for a guide that no order is given, and for one that there is not. */
function checkGuides() {
  const listed = GUIDES.flatMap(({ guides }) => guides);
  const there = [...readFiles(["docs/guides"], /\.md$/).keys()].map((path) =>
    /** @type {string} */ (path.split("/").at(-1)).slice(0, -3),
  );
  const errors = [
    ...there
      .filter((guide) => !listed.includes(guide))
      .map((guide) => `docs/guides/${guide}.md is not listed`),
    ...listed.filter((guide) => !there.includes(guide)).map((guide) => `there is no docs/guides/${guide}.md`),
  ];
  if (errors.length === 0) return;
  for (const error of errors) console.error(`error: website/guides.mjs: ${error}`);
  process.exit(1);
}

checkGuides();
stage();
run("node_modules/typedoc/bin/typedoc");
const vitepress = "node_modules/vitepress/bin/vitepress.js";
if (process.argv.includes("--serve")) run(vitepress, "dev", "website", "--host", "127.0.0.1");
else run(vitepress, "build", "website");
