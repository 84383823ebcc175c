// @ts-check
// The parent's hand on a runner: starts it, gives it orders, and kills it with its workers when an order takes more than
// it may. What is counted is processor time, where the system tells it (/proc), so that a busy machine kills nothing.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { root } from "../project.mjs";

const LOOK_MS = 500;
/** A runner that waits for nothing any more uses no processor; it is given so many times its limit on the clock. */
const CLOCK_TIMES = 10;
const TICKS_PER_SECOND = 100;

/** @typedef {import("./runner.mjs").Answer & { cpuSeconds: number, isLate: boolean }} Done */

/** Processor seconds of a group of processes, of its dead included; undefined where there is no /proc. @param {number} group */
function cpuSecondsOf(group) {
  let ticks = 0;
  try {
    for (const entry of readdirSync("/proc")) {
      if (!/^\d+$/.test(entry)) continue;
      const fields = statOf(entry);
      if (Number(fields[2]) === group) for (const at of [11, 12, 13, 14]) ticks += Number(fields[at]);
    }
  } catch {
    return undefined;
  }
  return ticks / TICKS_PER_SECOND;
}

/** The fields of a process after its name. @param {string} pid */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    // It has ended meanwhile.
    return [];
  }
}

export class Hand {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #runner;
  /** @type {readonly string[]} */
  tests = [];
  /** @readonly */
  #args;

  /** @param {readonly string[]} args */
  constructor(args = []) {
    this.#args = args;
  }

  async start() {
    if (this.#runner) return;
    const runner = fork(`${root}tools/mutate/runner.mjs`, this.#args, {
      cwd: root,
      detached: true,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: { ...process.env, ZSPINE_TESTS: "short", NO_COLOR: "1" },
    });
    this.#runner = runner;
    const [{ tests }] = await once(runner, "message");
    this.tests = tests;
  }

  /**
   * Has an order carried out; one that takes more than `cpuSecondsMax` is late, and so is one whose runner ends.
   * @param {import("./runner.mjs").Order} order
   * @param {number} cpuSecondsMax
   * @returns {Promise<Done>}
   */
  async obey(order, cpuSecondsMax) {
    await this.start();
    const runner = this.#runner;
    if (!runner?.pid) throw new Error("the runner has not started");
    const group = runner.pid;
    const before = cpuSecondsOf(group) ?? 0;
    const start = performance.now();
    const spent = () => (cpuSecondsOf(group) ?? 0) - before;
    let last = 0;
    const look = setInterval(() => {
      last = spent();
      const seconds = (performance.now() - start) / 1000;
      if (last > cpuSecondsMax || seconds > CLOCK_TIMES * cpuSecondsMax) this.stop();
    }, LOOK_MS);
    const aborter = new AbortController();
    runner.send(order);
    try {
      const { signal } = aborter;
      const answer = await Promise.race([
        once(runner, "message", { signal }).then(([found]) => found),
        once(runner, "exit", { signal }).then(() => undefined),
      ]);
      if (answer) return { ...answer, cpuSeconds: spent(), isLate: false };
      this.#runner = undefined;
      return { failed: "", passed: [], cpuSeconds: last, isLate: true };
    } finally {
      clearInterval(look);
      aborter.abort();
    }
  }

  /** Kills the runner and its workers. */
  stop() {
    const pid = this.#runner?.pid;
    this.#runner = undefined;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
