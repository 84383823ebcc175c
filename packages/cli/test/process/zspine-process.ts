import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import { argumentsToRun, bundleProgram } from "../../../store/test/crash/bundle-program.ts";

/** What a person sees of a run. */
export interface Seen {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** The program as a person runs it, and a folder to run it in. */
export interface Zspine {
  readonly folder: string;
  /** Runs it with arguments, in the folder. @param input is piped in. @param more is added to the environment. */
  run(args: readonly string[], input?: string, more?: Readonly<Record<string, string>>): Promise<Seen>;
  /** Starts it with arguments, in the folder, for who talks to it while it runs. */
  start(args: readonly string[]): ChildProcess;
  /** Runs lines of a shell that knows it by its name, in the folder; what is told comes with the output. */
  shell(lines: string): Promise<Seen>;
}

/** Far from what anything takes: for what hangs. */
const LIMITS = { timeout: 300_000, killSignal: "SIGKILL" } as const;

/** Bundles the program before the tests of a file; to be asked for within a test. */
export function bundledZspine(): () => Zspine {
  const home = mkdtempSync(join(tmpdir(), "zspine-cli-"));
  const folder = join(home, "work");
  let zspine: Zspine;
  beforeAll(async () => {
    const program = join(home, "package", "dist");
    const bin = join(home, "bin");
    for (const path of [folder, program, bin]) mkdirSync(path, { recursive: true });
    copyFileSync(new URL("../../package.json", import.meta.url), join(home, "package", "package.json"));
    const main = await bundleProgram(fileURLToPath(new URL("../../src/main.ts", import.meta.url)), program);
    const script = join(bin, "zspine");
    writeFileSync(
      script,
      `#!/bin/sh\nexec "${process.execPath}" ${argumentsToRun(`"${main}"`).join(" ")} "$@"\n`,
    );
    chmodSync(script, 0o755);
    const env = { ...process.env, NODE_OPTIONS: "", PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    zspine = {
      folder,
      start: (args) =>
        spawn(process.execPath, argumentsToRun(main, ...args), { ...LIMITS, cwd: folder, env }),
      run: (args, input, more) =>
        runProcess(process.execPath, argumentsToRun(main, ...args), {
          folder,
          env: { ...env, ...more },
          input,
        }),
      shell: (lines) => runProcess("sh", ["-c", `exec 2>&1\n${lines}`], { folder, env }),
    };
  });
  afterAll(() => {
    rmSync(home, { recursive: true });
  });
  return () => zspine;
}

async function runProcess(
  command: string,
  args: readonly string[],
  {
    folder,
    env,
    input = "",
  }: { readonly folder: string; readonly env: NodeJS.ProcessEnv; readonly input?: string | undefined },
): Promise<Seen> {
  const child = spawn(command, args, { ...LIMITS, cwd: folder, env });
  const ended = once(child, "close") as Promise<[number | null]>;
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  child.stdin.on("error", () => undefined).end(input);
  const [exitCode] = await ended;
  return { exitCode, output, errors };
}
