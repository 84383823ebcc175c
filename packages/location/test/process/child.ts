import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program in a process of its own, in the runtime that runs this test. It is asked and answers line by line. */
export class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<unknown>;
  #errors = "";

  /** @param prefix a command that runs the program, such as strace with its options. */
  constructor(program: string, args: readonly string[], prefix: readonly string[] = []) {
    const runtime = "deno" in process.versions ? ["run", "-A", "--no-lock", "--node-modules-dir=manual"] : [];
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, ...runtime, program, ...args];
    this.process = spawn(command, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    this.#exit = once(this.process, "exit");
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the child ended without a further line: ${this.#errors}`);
    return value as string;
  }

  /** Sends a line, and waits for the answer. */
  ask(line: string): Promise<string> {
    this.process.stdin?.write(`${line}\n`);
    return this.line();
  }

  /** Ends it as kill -9 does, and waits until it has ended. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.#exit;
  }

  /** Closes its input, at which it ends by itself. */
  async end(): Promise<void> {
    this.process.stdin?.end();
    await this.#exit;
  }
}
