import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** When a signal is sent: after so many lines of output, and then so many milliseconds. */
export interface SignalPlan {
  readonly signal: "SIGKILL" | "SIGINT";
  readonly lines: number;
  readonly afterMs: number;
}

/** What became of a process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

const STUCK_MS = 300_000;

/** Runs the job in a process of its own, and sends it a signal by the plan; resolves when it has ended. */
export async function runProcess(
  program: string,
  args: readonly string[],
  plan?: SignalPlan,
): Promise<Ended> {
  const job = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "" },
    timeout: STUCK_MS,
    killSignal: "SIGKILL",
  });
  const ended = once(job, "close") as Promise<[number | null, string | null]>;
  let [output, errors] = ["", ""];
  let isPlanned = false;
  const signalWhenDue = (): void => {
    if (plan === undefined || isPlanned || output.split("\n").length - 1 < plan.lines) return;
    isPlanned = true;
    void sleep(plan.afterMs).then(() => job.kill(plan.signal));
  };
  job.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  job.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    signalWhenDue();
  });
  signalWhenDue();
  const [exitCode, signal] = await ended;
  return { exitCode, signal, output, errors };
}
