// @ts-check
// The processes that use the store: each is started again when it ends, paused and killed at moments that a seed
// chooses, and tells what it has done in lines of JSON.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** @typedef {{ acknowledged?: number, token?: number, read?: number, late?: number, merged?: number, wrong?: string[], failed?: { code: string, message: string } }} Told */
/** @typedef {{ kind: string, id: number }} Role */

/** One role, played by one process after another. */
export class Member {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;
  #isEnding = false;

  /**
   * @param {Role} role
   * @param {Readonly<Record<string, string>>} env
   * @param {(told: Told, role: Role) => void} hear
   */
  constructor(role, env, hear) {
    this.role = role;
    this.env = env;
    this.hear = hear;
    this.#start();
  }

  /** Kills the process; another takes its place. */
  kill() {
    this.#process?.kill("SIGKILL");
  }

  /** Stops the process where it is. */
  pause() {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume() {
    this.#process?.kill("SIGCONT");
  }

  /**
   * Ends it, kindly and then not.
   * @param {number} patienceMs
   */
  async end(patienceMs) {
    this.#isEnding = true;
    const ending = this.#process;
    if (ending === undefined) return;
    const gone = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill("SIGCONT");
    ending.kill("SIGTERM");
    const timer = setTimeout(() => ending.kill("SIGKILL"), patienceMs);
    await gone;
    clearTimeout(timer);
  }

  #start() {
    const program = fileURLToPath(new URL(`program/${this.role.kind}.mjs`, import.meta.url));
    const one = spawn(process.execPath, [program, String(this.role.id)], {
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = one;
    createInterface({ input: one.stdout }).on("line", (line) => {
      try {
        this.hear(JSON.parse(line), this.role);
      } catch {
        // The last line of one that was killed may be half a line: what it tells of was acknowledged to nobody.
      }
    });
    let complaint = "";
    one.stderr.on("data", (text) => {
      complaint = (complaint + String(text)).slice(-2000);
    });
    one.once("exit", (code) => {
      this.#process = undefined;
      if (code !== null && code !== 0) {
        this.hear({ failed: { code: `exit ${code}`, message: complaint } }, this.role);
      }
      if (!this.#isEnding) setTimeout(() => this.#isEnding || this.#start(), 200);
    });
  }
}
