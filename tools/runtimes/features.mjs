// @ts-check
// What a runtime is asked about: features, each with the tests that stand for it, and which of them a kind of runtime is
// not given, with the reason that the table of docs/guides/runtimes.md shows.

/** @typedef {"node" | "deno" | "bun" | "chromium"} Kind */

/**
 * @typedef {object} Feature
 * @property {string} name as the table has it
 * @property {string} place where its tests are: the beginning of their paths
 * @property {readonly string[]} [chosen] which of them a run takes, by parts of their paths; all when there is none
 * @property {Partial<Record<Kind, readonly string[]>>} [more] what a kind of runtime runs besides
 * @property {Partial<Record<Kind, string>>} [not] why a kind of runtime does not run it
 */

/** Laws that are tried over many drawn programs and rows, which `npm test` does: they ask more of time than of a runtime. */
export const LEFT_OUT = ["**/test/program/**", "**/*.property.test.ts"];

const DISK = "a page has no directories";

const BUDGETED = [
  "packages/backend-hybrid/test/store/agreement.test.ts",
  "packages/backend-hybrid/test/store/bad-input.test.ts",
  "packages/backend-hybrid/test/store/struck-cold.long.test.ts",
  "packages/backend-hybrid/test/store/shared-budget.long.test.ts",
];
/** Over disks: over memory all cases run in Node. */
const LONG_STORES = ["packages/store/test/media.long.test.ts"];

/** @type {readonly Feature[]} */
export const FEATURES = [
  {
    name: "Z-sets, schemas, batches: `core`",
    place: "packages/core/",
    chosen: [
      "packages/core/test/batch/batch.test",
      "packages/core/test/compression/",
      "packages/core/test/key-encoding/",
      "packages/core/test/schema/",
      "packages/core/test/serializer/",
      "packages/core/test/zset/zset.test",
    ],
  },
  { name: "Immutable maps: `map`", place: "packages/map/" },
  {
    name: "Stores, over memory and every medium: `store`",
    place: "packages/store/",
    chosen: [
      "packages/store/test/block/golden",
      "packages/store/test/block/crc32",
      "packages/store/test/diagnostics/",
      "packages/store/test/newcomer",
      "packages/store/test/snapshot",
      "packages/store/test/conformance.test.ts",
      "packages/store/test/media.test.ts",
    ],
    more: { deno: LONG_STORES, bun: LONG_STORES },
  },
  { name: "Memory: `backend-memory`", place: "packages/backend-memory/" },
  {
    name: "Locations and locks: `location`",
    place: "packages/location/",
    chosen: [
      "packages/location/test/location/",
      "packages/location/test/lock/",
      "packages/location/test/scratch/",
    ],
    not: { chromium: DISK },
  },
  {
    name: "Files: `backend-file`",
    place: "packages/backend-file/",
    chosen: [
      "packages/backend-file/test/conformance",
      "packages/backend-file/test/file/",
      "packages/backend-file/test/journal/",
      "packages/backend-file/test/scratch/",
    ],
    not: { chromium: DISK },
  },
  {
    name: "LevelDB, or IndexedDB: `backend-level`",
    place: "packages/backend-level/",
    chosen: [
      "packages/backend-level/test/conformance",
      "packages/backend-level/test/medium/",
      "packages/backend-level/test/process/",
    ],
  },
  {
    name: "Object storage: `backend-s3`",
    place: "packages/backend-s3/",
    chosen: ["packages/backend-s3/test/conformance"],
  },
  { name: "Files of a page's own: `backend-opfs`", place: "packages/backend-opfs/" },
  {
    name: "Budgets: `backend-hybrid`",
    place: "packages/backend-hybrid/",
    chosen: [
      "packages/backend-hybrid/test/budget/",
      "packages/backend-hybrid/test/conformance",
      "packages/backend-hybrid/test/hybrid/",
      "packages/backend-hybrid/test/listeners/",
      "packages/backend-hybrid/test/monitor/",
      "packages/backend-hybrid/test/pressure/",
      "packages/backend-hybrid/test/sense/",
    ],
    // Of those with a whole store the ones that need no process of Node's, nor what Node says of memory.
    more: { deno: BUDGETED, bun: BUDGETED },
  },
  {
    name: "Stores that move: `manager`",
    place: "packages/manager/",
    chosen: ["packages/manager/test/switch", "packages/manager/test/usage"],
  },
  {
    name: "History: `temporal`",
    place: "packages/temporal/",
    chosen: [
      "packages/temporal/test/read/",
      "packages/temporal/test/subscription/",
      "packages/temporal/test/trace/",
    ],
  },
  {
    name: "Operators and feeds: `operators`",
    place: "packages/operators/",
    chosen: ["packages/operators/test/feed/", "packages/operators/test/operator/"],
  },
  { name: "Rows in and out: `data`", place: "packages/data/" },
  { name: "MessagePack: `serializer-msgpack`", place: "packages/serializer-msgpack/" },
  { name: "CBOR: `serializer-cbor`", place: "packages/serializer-cbor/" },
  { name: "d2ts: `adapter-d2ts`", place: "packages/adapter-d2ts/" },
  { name: "TanStack DB: `adapter-tanstack`", place: "packages/adapter-tanstack/" },
  {
    name: "Zero: `adapter-zero`",
    place: "packages/adapter-zero/",
    not: { chromium: "its tests write to a disk" },
  },
  {
    name: "Suites of plugins: `conformance`",
    place: "packages/conformance/",
    chosen: ["packages/conformance/test/backend/", "packages/conformance/test/serializer/serializer-suite"],
  },
  {
    name: "The command line: `zspine`",
    place: "packages/cli/",
    chosen: ["packages/cli/test/process/documents.test.ts"],
    not: { chromium: DISK },
  },
];
