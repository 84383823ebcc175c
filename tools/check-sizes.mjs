// @ts-check
// Sizes: what a program that imports a package sends to its users, bundled and split by esbuild, minified and compressed,
// stays within a budget, and holds none of what only its author needs: zod's parser, which schemas bring along with whoever
// writes them, and suites. A store loads what reads and writes a backend only where it has one (decision 0075): so a row is
// either what is loaded at the start, which a store in memory does with (tools/test/split-bundle.test.mjs takes the rest
// away), or all there is. Needs a build.

import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { isMain, report, root } from "./project.mjs";

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} code what a program imports and keeps
 * @property {"browser" | "node"} platform
 * @property {"start" | "all"} [loads] what counts: what a program loads when it starts, the default; or with all that it
 *   may come to load
 * @property {number} budget bytes after gzip, at most
 */

/** @type {readonly Entry[]} */
const entries = [
  {
    name: "core: IndexedZSet and join",
    code: `export { IndexedZSet, join } from "@zspine/core";`,
    platform: "browser",
    budget: 21_200,
  },
  {
    name: "map",
    code: `export { PersistentMap } from "@zspine/map";`,
    platform: "browser",
    budget: 7_000,
  },
  {
    name: "store in memory",
    code: `export { openStore } from "@zspine/store";`,
    platform: "browser",
    budget: 75_500,
  },
  {
    name: "temporal, in memory",
    code: `export { openStore } from "@zspine/store"; export { temporalTrace } from "@zspine/temporal";`,
    platform: "browser",
    budget: 88_400,
  },
  {
    // With the store that it is over.
    name: "operators, in memory",
    code: `export { openStore } from "@zspine/store"; export { count, pipeline, sum } from "@zspine/operators";`,
    platform: "browser",
    budget: 88_900,
  },
  {
    // With the store, and traces with times, that it is over.
    name: "data: NDJSON in and out",
    code: `export { openStore } from "@zspine/store"; export { exportNdjson, importNdjson } from "@zspine/data";`,
    platform: "browser",
    budget: 91_200,
  },
  {
    // Without the store that it is given, and d2ts.
    name: "adapter of d2ts",
    code: `export { join, openIndex, reduce } from "@zspine/adapter-d2ts";`,
    platform: "browser",
    budget: 6_700,
  },
  {
    // With temporal, and the store that it is given, of which both are made; without TanStack DB.
    name: "adapter of TanStack DB",
    code: `export { openStore } from "@zspine/store"; export { storePersistence } from "@zspine/adapter-tanstack";`,
    platform: "browser",
    budget: 93_000,
  },
  {
    // Without the store that it is given.
    name: "adapter of Zero",
    code: `export { openZeroStorage } from "@zspine/adapter-zero";`,
    platform: "browser",
    budget: 2_600,
  },
  {
    name: "store and level",
    code: `export { openStore } from "@zspine/store"; export { level } from "@zspine/backend-level";`,
    platform: "browser",
    budget: 103_300,
  },
  {
    name: "store and file",
    code: `export { openStore } from "@zspine/store"; export { file } from "@zspine/backend-file";`,
    platform: "node",
    budget: 93_800,
  },
  {
    // What stands for it there: it says which backend to take.
    name: "file, in a browser",
    code: `export { file } from "@zspine/backend-file";`,
    platform: "browser",
    budget: 1_100,
  },
  {
    name: "opfs",
    code: `export { opfs } from "@zspine/backend-opfs";`,
    platform: "browser",
    budget: 11_500,
  },
  {
    name: "s3",
    code: `export { s3 } from "@zspine/backend-s3";`,
    platform: "browser",
    budget: 22_000,
  },
  {
    // What stands for it there.
    name: "s3 and its disk cache, in a browser",
    code: `export { s3 } from "@zspine/backend-s3"; export { diskCache } from "@zspine/backend-s3/disk-cache";`,
    platform: "browser",
    budget: 22_500,
  },
  {
    name: "hybrid",
    code: `export { hybrid } from "@zspine/backend-hybrid";`,
    platform: "browser",
    budget: 6_500,
  },
  {
    // With the store that it opens, and the budget.
    name: "manager",
    code: `export { createStorageManager } from "@zspine/manager";`,
    platform: "browser",
    budget: 84_300,
  },
  {
    name: "msgpack",
    code: `export { msgpack } from "@zspine/serializer-msgpack";`,
    platform: "browser",
    budget: 25_100,
  },
  {
    name: "cbor",
    code: `export { cbor } from "@zspine/serializer-cbor";`,
    platform: "browser",
    budget: 24_700,
  },
];

/** What no bundle holds, by what its paths have in them. */
const unwanted = [
  { what: "zod's runtime; import types of it only", path: /\/node_modules\/zod\// },
  {
    what: "the suites, which are for tests",
    path: /packages\/conformance\/|\/conformance\/(?:suite|mutant)\//,
  },
];

/**
 * @typedef {object} Bundle
 * @property {number} bytes after gzip, of what is loaded at the start
 * @property {number} bytesInAll after gzip, with what may come to be loaded
 * @property {ReadonlyMap<string, number>} files bytes that are left of each file, before gzip
 * @property {ReadonlyMap<string, readonly string[]>} importers who imports each file
 * @property {ReadonlyMap<string, Uint8Array>} atStart what is loaded at the start, by the names of its files; `entry.js` loads it
 * @property {ReadonlyMap<string, Uint8Array>} later what may come to be loaded
 */

/**
 * Bundles a program and tells what became of it.
 * @param {Pick<Entry, "code" | "platform"> & { readonly conditions?: string[] }} entry
 * @returns {Promise<Bundle>}
 */
export async function bundle({ code, platform, conditions = [] }) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, loader: "js" },
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    outdir: "out",
    entryNames: "entry",
    chunkNames: "[name]-[hash]",
    minify: true,
    format: "esm",
    target: "es2022",
    platform,
    conditions,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).map(
      ([path, { bytesInOutput }]) => /** @type {const} */ ([`/${path}`, bytesInOutput]),
    ),
  );
  const start = new Set(["out/entry.js"]);
  for (const path of start) {
    for (const { path: imported, kind, external } of metafile.outputs[path]?.imports ?? [])
      if (kind === "import-statement" && external !== true) start.add(imported);
  }
  const named = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const isAtStart = (/** @type {string} */ name) => start.has(`out/${name}`);
  const atStart = new Map([...named].filter(([name]) => isAtStart(name)));
  const later = new Map([...named].filter(([name]) => !isAtStart(name)));
  const bytes = bytesOf(atStart);
  /** @type {Map<string, string[]>} */
  const importers = new Map();
  for (const [importer, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path } of imports)
      importers.set(`/${path}`, [...(importers.get(`/${path}`) ?? []), `/${importer}`]);
  }
  return { bytes, bytesInAll: bytes + bytesOf(later), files: new Map(files), importers, atStart, later };
}

/** @param {ReadonlyMap<string, Uint8Array>} outputs */
function bytesOf(outputs) {
  return [...outputs.values()].reduce((sum, contents) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

/**
 * @param {Pick<Entry, "name" | "loads" | "budget">} entry
 * @param {Pick<Bundle, "bytes" | "bytesInAll" | "files" | "importers">} found
 */
export function checkBundle({ name, loads, budget }, { bytes: atStart, bytesInAll, files, importers }) {
  const bytes = loads === "all" ? bytesInAll : atStart;
  /** @type {string[]} */
  const errors = [];
  if (bytes > budget) errors.push(`${name}: ${kilobytes(bytes)} after gzip, at most ${kilobytes(budget)}`);
  for (const { what, path } of unwanted) {
    const held = [...files].filter(([file, size]) => size > 0 && path.test(file));
    if (held.length === 0) continue;
    const total = held.reduce((sum, [, size]) => sum + size, 0);
    // Through files of which nothing is left, too: an index of what it exports is one.
    const doors = [...importers].filter(([file]) => path.test(file)).flatMap(([, from]) => from);
    const ours = [...new Set(doors.filter((file) => !path.test(file)))].toSorted();
    errors.push(`${name}: holds ${what}: ${kilobytes(total)} before gzip, imported by ${ours.join(", ")}`);
  }
  return { errors };
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (isMain(import.meta.url)) {
  /** @type {string[]} */
  const errors = [];
  for (const entry of entries) {
    const found = await bundle(entry);
    const bytes = entry.loads === "all" ? found.bytesInAll : found.bytes;
    console.log(`${entry.name}: ${kilobytes(bytes)} of ${kilobytes(entry.budget)}`);
    errors.push(...checkBundle(entry, found).errors);
  }
  report("sizes", { errors });
}
