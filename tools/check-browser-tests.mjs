// @ts-check
// Tests in a browser: all of `npm test` in packages/ but those that lead to Node, by what they import or ask of the process.
// These are declared here with their reason. None that leads to Node is missing from the list, and none is on it that does
// not.

import { posix } from "node:path";
import ts from "typescript";
import { isMain, readFiles, report } from "./project.mjs";
import { parse, walk } from "./syntax.mjs";

/** Packages of ours that lead to Node wherever they are imported; none of their own tests runs in a browser. */
const aboutNode = ["backend-file", "cli", "location"];

/** What the runner puts in the place of modules of Node, for tests that ask no more of them than this. */
export const standIns = {
  "node:events": "tools/browser/node-events.ts",
  "node:timers/promises": "tools/browser/node-timers-promises.ts",
  "node:util": "tools/browser/node-util.ts",
};

/** What only Node has among the globals of tests; of `process` there is `env`. */
const GLOBAL_OF_NODE = /\bBuffer\.|\bprocess\.(?!env\b)/;

/**
 * @typedef {object} Exclusion
 * @property {string} reason
 * @property {readonly string[]} tests paths below packages/
 */

/** @type {readonly Exclusion[]} */
export const exclusions = [
  {
    reason: "writes to a disk, or reads golden bytes from it",
    tests: [
      "adapter-d2ts/test/index/trace-index.test.ts",
      "adapter-d2ts/test/program/index-programs.test.ts",
      "adapter-tanstack/test/adapter/collection.test.ts",
      "adapter-tanstack/test/program/collection-programs.test.ts",
      "adapter-zero/test/program/storage-programs.test.ts",
      "adapter-zero/test/storage/zero-storage.test.ts",
      "backend-hybrid/test/hybrid/hybrid.test.ts",
      "backend-hybrid/test/store/agreement.test.ts",
      "backend-hybrid/test/store/bad-input.test.ts",
      "backend-s3/test/disk-cache/cached-store.test.ts",
      "backend-s3/test/disk-cache/disk-cache.test.ts",
      "backend-level/test/backend/level-backend.test.ts",
      "backend-level/test/conformance.test.ts",
      "backend-level/test/connection/connection.test.ts",
      "backend-level/test/level/level.test.ts",
      "backend-level/test/medium/disk-medium.test.ts",
      "backend-level/test/scratch/scratch-conformance.test.ts",
      "backend-level/test/scratch/scratch.test.ts",
      "manager/test/agreement.test.ts",
      "manager/test/bad-input.test.ts",
      "manager/test/budget.test.ts",
      "manager/test/switch.test.ts",
      "manager/test/usage.test.ts",
      "operators/test/program/programs.test.ts",
      "serializer-cbor/test/golden/golden.test.ts",
      "serializer-msgpack/test/golden/golden.test.ts",
      "store/test/block/golden.test.ts",
      "store/test/cut/laws.test.ts",
      "store/test/store/clone-files.test.ts",
      "store/test/full-disk.test.ts",
      "store/test/golden-store.test.ts",
      "store/test/head/head.test.ts",
      "store/test/head/table.test.ts",
      "store/test/media.test.ts",
      "store/test/newcomer-files.test.ts",
      "store/test/options-once.test.ts",
      "store/test/power-cut.test.ts",
      "store/test/store/hold.test.ts",
      "store/test/store/refresher.test.ts",
      "temporal/test/hold/hold.test.ts",
      "temporal/test/lens/since-lens.test.ts",
      "temporal/test/program/compacted.test.ts",
      "temporal/test/program/programs.test.ts",
      "temporal/test/read/time-reads.test.ts",
      "temporal/test/subscription/follower.test.ts",
    ],
  },
  {
    reason: "is about @zspine/backend-file or a disk that loses what is not synced",
    tests: [
      "backend-hybrid/test/conformance.test.ts",
      "backend-hybrid/test/hybrid/cold-backend.test.ts",
      "data/test/columns/columns.test.ts",
      "data/test/index/secondary-index.test.ts",
      "data/test/migrate/migrate.test.ts",
      "data/test/ndjson/import-ndjson.test.ts",
      "data/test/upsert/upsert.test.ts",
      "store/test/cut/cut.test.ts",
      "store/test/newcomer.test.ts",
      "temporal/test/lens/removal-cuts.test.ts",
      "temporal/test/together/one-commit.test.ts",
    ],
  },
  {
    reason: "starts processes",
    tests: [
      "backend-hybrid/test/store/transaction-kill.test.ts",
      "backend-level/test/process/full-disk.test.ts",
      "backend-level/test/process/level-process.test.ts",
      "backend-s3/test/disk-cache/process.test.ts",
      "manager/test/kill/kill.test.ts",
      "operators/test/feed/server/server-sent-events.test.ts",
      "store/test/crash/crash.test.ts",
      "store/test/cut/real-cut.test.ts",
      "store/test/placed/scratch.test.ts",
      "temporal/test/guest/guest-subscription.test.ts",
      "temporal/test/process/two-processes.test.ts",
    ],
  },
  {
    reason: "asks the process about memory, errors that nobody catches, its channels, or the sources",
    tests: [
      "backend-hybrid/test/budget/shared-budget.property.test.ts",
      "backend-hybrid/test/budget/shared-budget.test.ts",
      "backend-hybrid/test/monitor/memory-monitor.test.ts",
      "backend-hybrid/test/sense/process-runtime.test.ts",
      "backend-level/test/medium/browser-medium.test.ts",
      "core/test/schema/standard-parse.test.ts",
      "store/test/diagnostics/operations.test.ts",
      "store/test/halves/allocations.test.ts",
      "store/test/halves/reentrancy.test.ts",
    ],
  },
  {
    reason: "asks for Buffer, node:crypto or node:vm, which a browser has not",
    tests: [
      "backend-memory/test/memory.test.ts",
      "conformance/test/serializer/format-suite.test.ts",
      "core/test/batch/lens.property.test.ts",
      "core/test/input/options.test.ts",
      "core/test/key-encoding/key-encoding.property.test.ts",
      "core/test/key-encoding/key-encoding.test.ts",
      "data/test/json/base64.property.test.ts",
      "map/test/equality/structural-equality.test.ts",
      "serializer-cbor/test/cbor/cbor.test.ts",
      "store/test/bad-input.test.ts",
      "store/test/block/buffer.test.ts",
    ],
  },
];

/**
 * The test files of a browser's run, and those of `npm test` in packages/ that are no part of it; from the root.
 * @param {Iterable<string>} [paths] of test files
 */
export function testsInBrowser(paths = readFiles(["packages"], /\/test\/.*(?<!\.long)\.test\.ts$/).keys()) {
  const declared = new Set(exclusions.flatMap(({ tests }) => tests.map((path) => `packages/${path}`)));
  /** @type {string[]} */
  const included = [];
  /** @type {string[]} */
  const excluded = [];
  for (const path of paths) {
    const isExcluded = declared.has(path) || aboutNode.includes(path.split("/")[1] ?? "");
    (isExcluded ? excluded : included).push(path);
  }
  return { included, excluded };
}

/**
 * Compares the declaration with what tests do.
 * @param {import("./project.mjs").Files} files sources and tests of packages/
 */
export function checkBrowserTests(files) {
  const tests = [...files.keys()].filter((path) => /\/test\/.*(?<!\.long)\.test\.ts$/.test(path));
  const { included } = testsInBrowser(tests);
  /** @type {string[]} */
  const errors = [];
  for (const path of included) {
    const way = wayToNode(path, files);
    if (way)
      errors.push(`${path}: leads to Node: ${way.join(" → ")}; declare it in tools/check-browser-tests.mjs`);
  }
  for (const path of exclusions.flatMap((exclusion) => exclusion.tests)) {
    const full = `packages/${path}`;
    if (!files.has(full)) errors.push(`${full}: is declared in tools/check-browser-tests.mjs, and not there`);
    else if (!wayToNode(full, files)) errors.push(`${full}: runs in browsers; take it off the list`);
  }
  return { errors };
}

/**
 * The files from a test to what only Node has, and that; undefined when there is no such way.
 * @param {string} path
 * @param {import("./project.mjs").Files} files
 * @param {Set<string>} [seen]
 * @returns {string[] | undefined}
 */
function wayToNode(path, files, seen = new Set()) {
  const text = files.get(path);
  if (text === undefined || seen.has(path)) return undefined;
  seen.add(path);
  const asked = GLOBAL_OF_NODE.exec(text)?.[0];
  if (asked !== undefined && path.includes("/test/")) return [path, asked];
  for (const specifier of valuesImportedBy(path, text)) {
    if (isOfNode(specifier)) return [path, specifier];
    if (!specifier.startsWith(".")) continue;
    const way = wayToNode(posix.join(posix.dirname(path), specifier), files, seen);
    if (way) return [path, ...way];
  }
  return undefined;
}

/** @param {string} specifier */
function isOfNode(specifier) {
  if (specifier.startsWith("node:")) return !Object.hasOwn(standIns, specifier);
  return aboutNode.some((name) => specifier === `@zspine/${name}`);
}

/** @type {Map<string, string[]>} */
const imported = new Map();

/**
 * What a file imports when it runs: types are gone by then.
 * @param {string} path
 * @param {string} text
 */
function valuesImportedBy(path, text) {
  const known = imported.get(text);
  if (known) return known;
  /** @type {string[]} */
  const found = [];
  imported.set(text, found);
  walk(parse(path, text), (node) => {
    const isType = ts.isImportDeclaration(node)
      ? node.importClause?.isTypeOnly === true
      : ts.isExportDeclaration(node) && node.isTypeOnly;
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && !isType) {
      if (node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
        found.push(node.moduleSpecifier.text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) found.push(argument.text);
    }
  });
  return found;
}

if (isMain(import.meta.url)) {
  report("browser tests", checkBrowserTests(readFiles(["packages"], /\/(src|test)\/.*\.ts$/)));
}
