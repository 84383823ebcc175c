// @ts-check
// What the programs of the cluster share: where the store is, its traces, and what every commit of it must look like.

import { s3 } from "@zspine/backend-s3";
import { z } from "zod";

/** Rows that a commit inserts. */
const ROWS_EACH = 20;
const ACCOUNTS = 64;

/**
 * Where the store is, as the programs are told by the environment.
 * @typedef {{ endpoint: string[], bucket: string, prefix: string, credentials: { accessKeyId: string, secretAccessKey: string } }} Place
 */

export function backendOf() {
  /** @type {Place} */
  const place = JSON.parse(process.env["ZSPINE_CLUSTER"] ?? "null");
  return s3(place);
}

/** What is aborted when the program is asked to end. */
export function endingOf() {
  const ending = new AbortController();
  process.on("SIGTERM", () => ending.abort());
  return ending.signal;
}

/**
 * Opens the traces: `rows` by writer, `commits` that each writer has made, and `accounts` between which weight moves.
 * @param {import("@zspine/store").Store} store
 */
export async function tracesOf(store) {
  const one = { key: z.int32(), value: z.int32(), create: true };
  return {
    rows: await store.trace("rows", one),
    commits: await store.trace("commits", one),
    accounts: await store.trace("accounts", one),
  };
}

/** @typedef {Awaited<ReturnType<typeof tracesOf>>} Traces */

/**
 * Inserts the `n`th commit of a writer.
 * @param {Traces} traces
 * @param {number} writer
 * @param {number} n From 1.
 */
export function insertCommit({ rows, commits, accounts }, writer, n) {
  commits.insert(writer, n);
  for (let at = 0; at < ROWS_EACH; at++) rows.insert(writer, n * ROWS_EACH + at);
  const from = (writer * 31 + n * 7) % ACCOUNTS;
  accounts.insert(from, 0, -n);
  accounts.insert((from + 1) % ACCOUNTS, 0, n);
}

/**
 * Reads all of a commit, closes it, and says what is wrong with it: every writer's commits are 1, 2, … once each, with all their
 * rows, and what has left an account has come to another.
 * @param {import("@zspine/store").CommitSnapshot} commit
 * @param {Traces} traces
 * @returns {Promise<{ last: Map<number, number>, wrong: string[] }>} The number of each writer's last commit.
 */
export async function checkCommit(commit, traces) {
  try {
    return await readCommit(commit, traces);
  } finally {
    commit.close();
  }
}

/**
 * @param {import("@zspine/store").CommitSnapshot} commit
 * @param {Traces} traces
 */
async function readCommit(commit, { rows, commits, accounts }) {
  /** @type {string[]} */
  const wrong = [];
  /** @type {Map<number, number>} */
  const last = new Map();
  for (const { key, value, weight } of await commit.of(commits).zset()) {
    const n = (last.get(key) ?? 0) + 1;
    if (value !== n || weight !== 1)
      wrong.push(`writer ${key}: commit ${value} of weight ${weight}, expected ${n}`);
    last.set(key, value);
  }
  /** @type {Map<number, number>} */
  const next = new Map();
  for (const { key, value, weight } of await commit.of(rows).zset()) {
    const expected = next.get(key) ?? ROWS_EACH;
    if (value !== expected || weight !== 1)
      wrong.push(`writer ${key}: row ${value} of weight ${weight}, expected ${expected}`);
    next.set(key, value + 1);
  }
  for (const [writer, n] of last) {
    const rowsEnd = next.get(writer) ?? ROWS_EACH;
    if (rowsEnd !== (n + 1) * ROWS_EACH) wrong.push(`writer ${writer}: ${n} commits, rows up to ${rowsEnd}`);
  }
  let moved = 0;
  for (const { weight } of await commit.of(accounts).zset()) moved += weight;
  if (moved !== 0) wrong.push(`the accounts sum to ${moved}`);
  return { last, wrong };
}

/**
 * Tells the parent one thing.
 * @param {Readonly<Record<string, unknown>>} told
 */
export function tell(told) {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

/** @param {unknown} error */
export function describe(error) {
  const { code, message } = /** @type {{ code?: string, message?: string }} */ (error);
  return { code: code ?? "none", message: String(message).slice(0, 400) };
}
