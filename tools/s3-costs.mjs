// @ts-check
// `npm run costs`: what a store in object storage costs, counted over a service in memory that counts requests: to fill
// it, to open it, to read and to commit, at growing sizes. Prints a table in Markdown, with dollars of Amazon's list.

import { FakeS3 } from "@zspine/backend-s3/fake";
import { s3 } from "@zspine/backend-s3";
import { openStore } from "@zspine/store";
import { parseArgs } from "node:util";
import { z } from "zod";
import { wholeNumber } from "./whole-number.mjs";

const usage = `Usage: npm run costs -- [options]
  --bytes N   the largest store that is made, in bytes (default 100000000); ten and a hundred times less come before it`;

/** Dollars of Amazon's list for S3 Standard in us-east-1: a PUT, POST or LIST, a GET or HEAD, a GB for a month. */
const PRICE = { put: 0.005 / 1000, get: 0.0004 / 1000, gigabyteMonth: 0.023 };
const VALUE_BYTES = 200;
const COMMIT_ROWS = 5000;
/** A multiple of the looks of which one is a LIST. */
const POLLS = 160;
const MONTH_SECONDS = 30 * 24 * 3600;

const { values } = parseArgs({
  options: { bytes: { type: "string", default: "100000000" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(usage);
  process.exit();
}
const largest = wholeNumber("bytes", values.bytes, { usage, least: 100_000, most: 1_000_000_000 });

const schema = { key: z.int32(), value: z.string() };

/** Text that no encoding makes shorter, by a seed. @param {number} seed */
function valueOf(seed) {
  let text = "";
  for (let state = seed + 1; text.length < VALUE_BYTES;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, VALUE_BYTES);
}

/** Lets requests go in rounds: those that are under way together go together. Counts the rounds. */
class Rounds {
  count = 0;
  /** @type {(() => void)[]} */
  #waiting = [];
  #isDue = false;

  /** @param {FakeS3} service */
  constructor(service) {
    service.gate = (_request, when) => (when === "before" ? this.#enter() : Promise.resolve());
  }

  #enter() {
    if (!this.#isDue) {
      this.#isDue = true;
      // Whoever asks within these milliseconds asks in the same round: nothing here takes as long.
      setTimeout(() => this.#release(), 20);
    }
    return /** @type {Promise<void>} */ (new Promise((resolve) => this.#waiting.push(resolve)));
  }

  #release() {
    this.#isDue = false;
    this.count++;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * Counts the requests of some work, and the rounds of them that wait for each other.
 * @param {FakeS3} service
 * @param {() => Promise<void>} work
 */
async function counted(service, work) {
  service.resetCounts();
  const rounds = new Rounds(service);
  await work();
  service.gate = undefined;
  const { put, get, delete: removed, lists } = service.counts();
  return {
    put: put.requests - lists,
    lists,
    get: get.requests,
    removed: removed.requests,
    bytes: get.bytes,
    rounds: rounds.count,
  };
}

/** @param {number} bytes */
async function measure(bytes) {
  const service = new FakeS3();
  const backend = s3({ ...service.options, prefix: "store" });
  let store = await openStore({ backend });
  let trace = await store.trace("rows", schema);
  const rows = Math.ceil(bytes / VALUE_BYTES);
  service.resetCounts();
  for (let at = 0; at < rows; at++) {
    // Keys in an order that has every commit reach across all of them.
    trace.insert(Math.imul(at, 40503) >>> 1, valueOf(at));
    if ((at + 1) % COMMIT_ROWS === 0 || at + 1 === rows) await store.commit();
  }
  await store.finishMerges();
  await store.close();
  const filled = service.counts();
  const commits = Math.ceil(rows / COMMIT_ROWS);

  const opening = await counted(service, async () => {
    store = await openStore({ backend });
    trace = await store.trace("rows", schema);
  });
  const { storedBytes } = store.stats();
  const lookUp = await counted(service, async () => {
    await trace.get(Math.imul(Math.floor(rows / 3), 40503) >>> 1);
  });
  trace.insert(1, "one");
  await store.commit();
  trace.insert(2, "two");
  const commit = await counted(service, async () => {
    await store.commit();
  });
  const reader = await openStore({ backend, readOnly: true });
  const poll = await counted(service, async () => {
    for (let at = 0; at < POLLS; at++) await reader.refresh();
  });
  await reader.close();
  await store.close();
  return { bytes, storedBytes, commits, filled, opening, lookUp, commit, poll };
}

/** @param {number} dollars */
function price(dollars) {
  return dollars < 0.01 ? `$${dollars.toPrecision(1)}` : `$${dollars.toFixed(2)}`;
}

/** @param {number} bytes */
function size(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const measured = [];
for (const bytes of [largest / 100, largest / 10, largest]) measured.push(await measure(bytes));

console.log(
  `| stored | PUT a commit of 1 MB, merges included | GET a commit | requests to open | rounds | bytes to open | requests of a cold look-up | PUT + GET of a small commit | requests of ${POLLS} idle polls |`,
);
console.log("| --: | --: | --: | --: | --: | --: | --: | --: | --: |");
for (const { storedBytes, commits, filled, opening, lookUp, commit, poll } of measured) {
  const cells = [
    size(storedBytes),
    ((filled.put.requests - filled.lists) / commits).toFixed(2),
    (filled.get.requests / commits).toFixed(2),
    `${opening.get} GET, ${opening.lists} LIST, ${opening.put} PUT`,
    opening.rounds,
    `${(opening.bytes / 1000).toFixed(1)} kB`,
    `${lookUp.get}`,
    `${commit.put} + ${commit.get}`,
    `${poll.get} GET, ${poll.lists} LIST`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
const { commit, poll, opening, filled, commits } = /** @type {Awaited<ReturnType<typeof measure>>} */ (
  measured.at(-1)
);
const perCommit = commit.put * PRICE.put + commit.get * PRICE.get;
const perBulk =
  ((filled.put.requests - filled.lists) * PRICE.put + filled.get.requests * PRICE.get) / commits;
const perPoll = (poll.get * PRICE.get + poll.lists * PRICE.put) / POLLS;
const perOpening = opening.get * PRICE.get + (opening.lists + opening.put) * PRICE.put;
console.log("\n| for a month | dollars |\n| --- | --: |");
for (const [what, dollars] of /** @type {[string, number][]} */ ([
  ["a small commit every minute", (MONTH_SECONDS / 60) * perCommit],
  ["a small commit every second", MONTH_SECONDS * perCommit],
  ["a commit of 1 MB every minute, with the merging of it", (MONTH_SECONDS / 60) * perBulk],
  ["a reader that polls every second", MONTH_SECONDS * perPoll],
  ["a reader that polls every minute", (MONTH_SECONDS / 60) * perPoll],
  ["an opening every minute", (MONTH_SECONDS / 60) * perOpening],
  ["a store that nobody uses", 0],
  ...[1e6, 1e7, 1e8, 1e9].map((bytes) => [`${size(bytes)} stored`, (bytes / 1e9) * PRICE.gigabyteMonth]),
])) {
  console.log(`| ${what} | ${price(dollars)} |`);
}
