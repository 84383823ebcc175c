// @ts-check
// Layers: a package imports only the packages that ARCHITECTURE.md allows it, a folder of core/src or store/src
// only the folders listed above it there, and what runs in every runtime nothing of Node: some packages, and of the
// others what a browser takes of the files of src leads to: those named *.browser.ts, and those that none stands for. No
// file leads back to itself by its imports; those of types count as well, for who reads a file reads what it is about, and
// a type that needs its user is half of one noun.

import { posix } from "node:path";
import { isMain, readFiles, readText, report } from "./project.mjs";
import { importsOf } from "./syntax.mjs";

const runAnywhere = new Set([
  "core",
  "store",
  "temporal",
  "manager",
  "backend-memory",
  "backend-opfs",
  "conformance",
  "map",
  "serializer-msgpack",
  "serializer-cbor",
]);
// Circles that are known, each as `checkCycles` reports it; one that is gone has to be taken off the list.
/** @type {readonly string[]} */
const knownCycles = [];

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
    // A folder that has a line of its own goes by it: it is what a subpath of the package exports.
    const folder = `${owner}/${folderOf(path) ?? ""}`;
    const rule =
      packages.find(({ pattern }) => pattern.test(folder)) ??
      packages.find(({ pattern }) => pattern.test(owner));
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
 * What a package that has files for browsers is entered by in one.
 * @param {import("./project.mjs").Files} files
 */
function browserEntries(files) {
  const entries = [...files.keys()].filter((path) => /^packages\/[^/]+\/src\/[^/]+\.ts$/.test(path));
  const owners = new Set(
    entries.filter((path) => path.endsWith(".browser.ts")).map((path) => path.split("/")[1]),
  );
  return entries.filter(
    (path) => owners.has(path.split("/")[1]) && !files.has(path.replace(/\.ts$/, ".browser.ts")),
  );
}

/**
 * Follows the imports of what a browser enters a package by.
 * @param {import("./project.mjs").Files} files
 */
function browserErrors(files) {
  const reached = new Set(browserEntries(files));
  /** @type {string[]} */
  const errors = [];
  for (const path of reached) {
    for (const { specifier, line } of importsOf(files.get(path) ?? "")) {
      if (specifier.startsWith(".")) reached.add(posix.join(posix.dirname(path), specifier));
      else if (specifier.startsWith("node:") || aboutNode.has(specifier)) {
        errors.push(`${path}:${line}: imports ${specifier}; a browser is led here, so nothing of Node`);
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
  // A subpath is allowed by its own name: `core/engine`.
  const imported = /^@zspine\/(.+)/.exec(specifier)?.[1];
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
 * Circles of imports between files: of files that reach one another the shortest one, which starts with the file
 * that comes first by name.
 * @param {import("./project.mjs").Files} files sources of whatever package
 * @param {readonly string[]} [known] circles that are let through
 */
export function checkCycles(files, known = []) {
  const graph = new Map(
    [...files].map(([path, text]) => {
      const targets = importsOf(text)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
      return [path, [...new Set(targets)].filter((target) => files.has(target)).toSorted()];
    }),
  );
  /** @type {Set<string>} */
  const told = new Set();
  /** @type {string[]} */
  const cycles = [];
  for (const start of [...graph.keys()].toSorted()) {
    if (told.has(start)) continue;
    const cycle = shortestCycle(graph, start);
    for (const path of cycle) told.add(path);
    if (cycle.length > 0) cycles.push(cycle.join(" → "));
  }
  const errors = cycles
    .filter((cycle) => !known.includes(cycle))
    .map((cycle) => `${cycle}: a circle of imports; move what both need to a file of its own`);
  const gone = known
    .filter((cycle) => !cycles.includes(cycle))
    .map((cycle) => `${cycle}: is no circle any more; take it off the list in tools/check-layers.mjs`);
  return { errors: [...errors, ...gone] };
}

/**
 * The shortest way from a file back to itself, without its end; empty when there is none.
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {string} start
 */
function shortestCycle(graph, start) {
  /** @type {string[][]} */
  const ways = [[start]];
  const reached = new Set();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? "") ?? []) {
      if (next === start) return way;
      if (reached.has(next)) continue;
      reached.add(next);
      ways.push([...way, next]);
    }
  }
  return [];
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
  const all = readFiles(["packages", "examples", "bench"], /\/src\/.*\.ts$/);
  const { errors } = checkLayers(files, readText("ARCHITECTURE.md"));
  report("layers", { errors: [...errors, ...checkCycles(all, knownCycles).errors] });
}
