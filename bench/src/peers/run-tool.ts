import { spawn } from "node:child_process";

/** How a tool is run. */
export interface ToolOptions {
  readonly cwd: string;
  /** After which it is ended. */
  readonly seconds: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a tool to its end. Gives undefined when it succeeded, else why not, with what it said last. */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, seconds, env, signal }: ToolOptions,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
      timeout: seconds * 1000,
      killSignal: "SIGKILL",
      ...(signal === undefined ? {} : { signal }),
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
    });
    child.once("error", (error) => resolve(`${command}: ${error.message}`));
    child.once("close", (code, by) => {
      if (code === 0) return resolve(undefined);
      const lines = said.split("\n").filter((line) => /error/i.test(line));
      const why = by === null ? `code ${code}` : `${by}, after at most ${seconds} s`;
      resolve(`${command} ${args[0]} ended with ${why}${lines.length > 0 ? `: ${lines[0]!.trim()}` : ""}`);
    });
  });
}
