// @ts-check
// What the members of a cluster have told, and whether it is right.

import { openStore } from "@zspine/store";
import { backendOf, checkCommit, tracesOf } from "./program/place.mjs";

/** @typedef {import("./members.mjs").Told} Told */
/** @typedef {import("./members.mjs").Role} Role */

/** Counts what is told and compares it with what the store says in the end. */
export class Tally {
  kills = 0;
  pauses = 0;
  /** Writers by the token that was acknowledged to them. @type {Map<number, Set<string>>} */
  #tokens = new Map();
  /** The last commit acknowledged to each writer. @type {Map<number, number>} */
  #last = new Map();
  #acknowledged = 0;
  #reads = 0;
  #late = 0;
  #merges = 0;
  /** @type {string[]} */
  #wrong = [];
  /** How often calls have failed, by code. @type {Map<string, number>} */
  #failures = new Map();
  /** One message for each code. @type {Map<string, string>} */
  #samples = new Map();
  /** The longest time without an acknowledged commit, in milliseconds. */
  #gap = 0;
  #then = performance.now();
  /** @type {Map<number, number> | undefined} */
  #found;

  /**
   * @param {Told} told
   * @param {Role} role
   */
  hear(told, { kind, id }) {
    if (told.acknowledged !== undefined && told.token !== undefined) {
      this.#acknowledge(id, told.acknowledged, told.token);
    }
    if (told.read !== undefined) this.#reads++;
    if (told.late !== undefined) this.#late++;
    if (told.merged !== undefined) this.#merges++;
    for (const wrong of told.wrong ?? [])
      this.#wrong.push(`${kind} ${id}, token ${told.token ?? "?"}: ${wrong}`);
    if (told.failed !== undefined) {
      const { code, message } = told.failed;
      this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
      this.#samples.set(code, `${kind} ${id}: ${message}`);
    }
  }

  /**
   * @param {number} writer
   * @param {number} n
   * @param {number} token
   */
  #acknowledge(writer, n, token) {
    this.#acknowledged++;
    this.#gap = Math.max(this.#gap, performance.now() - this.#then);
    this.#then = performance.now();
    const winners = this.#tokens.get(token) ?? new Set();
    this.#tokens.set(token, winners.add(`${writer}/${n}`));
    this.#last.set(writer, Math.max(n, this.#last.get(writer) ?? 0));
  }

  /** Reads the store as it is in the end, and all of its bytes. */
  async settle() {
    const store = await openStore({ backend: backendOf() });
    try {
      const traces = await tracesOf(store);
      const { last, wrong } = await checkCommit(store.at(store.token), traces);
      const { problems } = await store.verify();
      this.take(last, [...wrong, ...problems.map((problem) => `verify: ${problem.message}`)]);
    } finally {
      await store.close();
    }
  }

  /**
   * Takes what is there in the end: the last commit of each writer, and what is wrong.
   * @param {Map<number, number>} last
   * @param {readonly string[]} wrong
   */
  take(last, wrong) {
    this.#found = last;
    this.#wrong.push(...wrong.map((one) => `in the end: ${one}`));
  }

  /** Acknowledged commits that are not there. */
  #lost() {
    let lost = 0;
    for (const [writer, n] of this.#last) lost += Math.max(0, n - (this.#found?.get(writer) ?? 0));
    return lost;
  }

  #doubles() {
    return [...this.#tokens.values()].filter(({ size }) => size > 1).length;
  }

  isRight() {
    return (
      this.#found !== undefined &&
      this.#acknowledged > 0 &&
      this.#reads > 0 &&
      this.#lost() === 0 &&
      this.#doubles() === 0 &&
      this.#wrong.length === 0
    );
  }

  /** Where it stands, in one line. */
  line() {
    return `${this.#acknowledged} commits acknowledged, ${this.#reads} reads, ${this.#wrong.length} wrong`;
  }

  report() {
    const failures = [...this.#failures].map(
      ([code, count]) => `  ${count} × ${code}: ${this.#samples.get(code)}`,
    );
    return [
      `acknowledged commits        ${this.#acknowledged}`,
      `  of them lost              ${this.#lost()}`,
      `numbers won twice           ${this.#doubles()}`,
      `commits read by readers     ${this.#reads}, too late for ${this.#late}`,
      `merges made by compactors   ${this.#merges}`,
      `wrong                       ${this.#wrong.length}`,
      `kills, pauses               ${this.kills}, ${this.pauses}`,
      `longest without a commit    ${(this.#gap / 1000).toFixed(1)} s`,
      "calls that failed, by code, with a message of each:",
      ...failures,
      ...this.#wrong.slice(0, 20).map((wrong) => `WRONG ${wrong}`),
    ].join("\n");
  }
}
