import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** How a contestant is started, as a process that answers lines. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A contestant cannot take part; the message says why. */
export class Void extends Error {}

/** What is kept of what a contestant complains. */
const COMPLAINT_LENGTH = 2000;

/**
 * A contestant in a process of its own: a line is asked, a line of JSON is answered, one at a time. Whatever it does wrong
 * (no answer in time, not JSON, an error, its end) is a {@link Void}, and the process is gone.
 */
export class Contestant {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly gone: Promise<string>;
  private complaint = "";

  constructor(name: string, { command, args, env }: Start, signal?: AbortSignal) {
    this.name = name;
    this.child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
      killSignal: "SIGKILL",
      ...(signal === undefined ? {} : { signal }),
    });
    this.gone = new Promise((resolve) => {
      this.child.once("error", (error) => resolve(`could not be started: ${error.message}`));
      this.child.once("close", (code, by) => resolve(`ended with ${by ?? `code ${code}`}`));
    });
    // What is written to a process that has ended is told by its end.
    this.child.stdin!.on("error", () => {});
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.complaint = (this.complaint + text).slice(-COMPLAINT_LENGTH);
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** Asks a line and waits for the answer, so many seconds at the most. */
  async ask(line: string, seconds: number): Promise<Record<string, unknown>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer to "${line}" in ${seconds} s`), seconds * 1000);
    });
    this.child.stdin!.write(`${line}\n`);
    const answered = this.lines
      .next()
      .then(async ({ value, done }): Promise<string | { line: string }> =>
        done === true ? await this.gone : { line: value as string },
      );
    try {
      const said = await Promise.race([answered, late]);
      if (typeof said === "string") throw new Void(this.withComplaint(said));
      return parse(said.line);
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets the process end by itself, and ends it where it does not. */
  async end(): Promise<void> {
    this.child.stdin!.end("exit\n");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await this.gone;
    clearTimeout(timer);
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.gone;
  }

  /** Forgets the most memory that the process has had, so that {@link peakBytes} is of what follows. Linux only. */
  forgetPeak(): void {
    try {
      writeFileSync(`/proc/${this.child.pid}/clear_refs`, "5");
    } catch {
      // Elsewhere there is no peak.
    }
  }

  /** The most memory that the process has had at once; undefined where the system does not tell. */
  peakBytes(): number | undefined {
    try {
      const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.child.pid}/status`, "utf8"));
      return found === null ? undefined : Number(found[1]) * 1024;
    } catch {
      return undefined;
    }
  }

  private withComplaint(what: string): string {
    const line = this.complaint
      .split("\n")
      .map((text) => text.trim())
      .find((text) => /error|panick|cannot/i.test(text));
    return line === undefined ? what : `${what}: ${line}`;
  }
}

function parse(line: string): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    throw new Void(`answered what is not JSON: ${JSON.stringify(line.slice(0, 80))}`);
  }
  if (typeof answer !== "object" || answer === null) throw new Void(`answered ${line.slice(0, 80)}`);
  const { error } = answer as { error?: unknown };
  if (error !== undefined) throw new Void(String(error));
  return answer as Record<string, unknown>;
}
