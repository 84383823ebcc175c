// @ts-check
// Layers: a package imports only the packages that ARCHITECTURE.md allows it, a folder of core/src or store/src
// only the folders listed above it there, and what runs in every runtime nothing of Node: some packages, and of the
// others what their index.browser.ts leads to.

import { posix } from "node:path";
import { isMain, readFiles, readText, report } from "./project.mjs";
import { importsOf } from "./syntax.mjs";

const runAnywhere = new Set([
  "core",
  "store",
  "backend-memory",
  "conformance",
  "serializer-msgpack",
  "serializer-cbor",
]);
// What is about a runtime as a whole package.
const aboutNode = new Set(["@zspine/location", "@zspine/backend-file"]);

/**
 * Reads the fenced blocks ```packages and ```layers <package>.
 * @param {string} markdown
 */
export function parseArchitecture(markdown) {
  /** @type {Map<string, string[]>} */
  const layers = new Map();
  /** @type {{ pattern: RegExp, allowed: string[] }[]} */
  const packages = [];
  for (const [, kind = "", name = "", body = ""] of markdown.matchAll(
    /^```(layers|packages)[ \t]*([\w-]*)\s*\n([\s\S]*?)^```/gm,
  )) {
    const lines = body.split("\n").filter((line) => line.trim() !== "");
    if (kind === "layers")
      layers.set(
        name,
        lines.map((line) => line.trim()),
      );
    else {
      for (const line of lines) {
        const [pattern = "", allowed = ""] = line.split(":");
        packages.push({
          pattern: new RegExp(`^${pattern.trim().replaceAll("*", ".+")}$`),
          allowed: allowed.split(/\s+/).filter(Boolean),
        });
      }
    }
  }
  return { layers, packages };
}

/**
 * @param {import("./project.mjs").Files} files sources, as packages/<name>/src/…
 * @param {string} architecture the text of ARCHITECTURE.md
 */
export function checkLayers(files, architecture) {
  const { layers, packages } = parseArchitecture(architecture);
  /** @type {Set<string>} */
  const errors = new Set();
  for (const [path, text] of files) {
    const owner = path.split("/")[1] ?? "";
    const rule = packages.find(({ pattern }) => pattern.test(owner));
    if (!rule) errors.add(`packages/${owner}: name it in the packages block of ARCHITECTURE.md`);
    for (const { specifier, line } of importsOf(text)) {
      const error = specifier.startsWith(".")
        ? folderError(layers.get(owner), path, specifier)
        : packageError(rule?.allowed ?? [], owner, specifier);
      if (error) errors.add(error.startsWith("packages/") ? error : `${path}:${line}: ${error}`);
    }
  }
  for (const error of browserErrors(files)) errors.add(error);
  return { errors: [...errors] };
}

/**
 * Follows the imports of every index.browser.ts.
 * @param {import("./project.mjs").Files} files
 */
function browserErrors(files) {
  const reached = new Set([...files.keys()].filter((path) => path.endsWith("/src/index.browser.ts")));
  /** @type {string[]} */
  const errors = [];
  for (const path of reached) {
    for (const { specifier, line } of importsOf(files.get(path) ?? "")) {
      if (specifier.startsWith(".")) reached.add(posix.join(posix.dirname(path), specifier));
      else if (specifier.startsWith("node:") || aboutNode.has(specifier)) {
        errors.push(
          `${path}:${line}: imports ${specifier}; an index.browser.ts leads here, so nothing of Node`,
        );
      }
    }
  }
  return errors;
}

/**
 * @param {readonly string[]} allowed
 * @param {string} owner
 * @param {string} specifier
 */
function packageError(allowed, owner, specifier) {
  if (specifier.startsWith("node:") && runAnywhere.has(owner)) {
    return `imports ${specifier}; ${owner} runs in browsers too, so nothing of Node`;
  }
  const imported = /^@zspine\/([^/]+)/.exec(specifier)?.[1];
  if (imported === undefined || allowed.includes(imported)) return undefined;
  return `imports ${specifier}; ${owner} may import ${allowed.join(", ") || "no package of ours"}`;
}

/**
 * @param {readonly string[] | undefined} order
 * @param {string} path
 * @param {string} specifier
 */
function folderError(order, path, specifier) {
  const target = posix.join(posix.dirname(path), specifier);
  const source = path.split("/").slice(0, 3).join("/");
  if (!target.startsWith(`${source}/`)) return `imports ${specifier}, which is outside of ${source}`;
  if (!order) return undefined;
  const from = folderOf(path);
  const to = folderOf(target);
  if (from === undefined || from === to) return undefined;
  if (!order.includes(from))
    return `${source}/${from}: list the folder in the layers block of ARCHITECTURE.md`;
  if (to === undefined) return `imports ${specifier}; a folder does not import what stands above all folders`;
  if (order.includes(to) && order.indexOf(to) < order.indexOf(from)) return undefined;
  return `imports ${specifier}; ${to} is not above ${from} in ARCHITECTURE.md`;
}

/**
 * The folder of src that a file is in; undefined for src itself.
 * @param {string} path
 */
function folderOf(path) {
  const parts = path.split("/").slice(3);
  return parts.length > 1 ? parts[0] : undefined;
}

if (isMain(import.meta.url)) {
  const files = readFiles(["packages"], /^packages\/[^/]+\/src\/.*\.ts$/);
  report("layers", checkLayers(files, readText("ARCHITECTURE.md")));
}
