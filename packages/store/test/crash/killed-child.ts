import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ChildLine, ChildOrder } from "./child-report.ts";

/** What a child has said before it ended. */
export interface ChildLife {
  readonly lines: readonly ChildLine[];
  /** Whether it was killed; else it has ended by itself. */
  readonly isKilled: boolean;
  readonly exitCode: number | null;
  /** What it has written to stderr. */
  readonly errors: string;
}

// A child that is stuck is killed, and found out by what it has not said.
const STUCK_MS = 300_000;

/** Runs a child by its order, and kills it by the plan in it; resolves when it has ended. */
export async function runChild(program: string, order: ChildOrder): Promise<ChildLife> {
  const { plan } = order;
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const kill = (): boolean => child.kill("SIGKILL");
  const timers = [setTimeout(kill, STUCK_MS)];
  if (plan.kind === "start") timers.push(setTimeout(kill, plan.afterMs));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const lines: ChildLine[] = [];
  let acknowledged = 0;
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as ChildLine;
    lines.push(line);
    if (plan.kind === "delay" && line.type === "checked") timers.push(setTimeout(kill, plan.afterMs));
    if (line.type !== "acknowledged") return;
    acknowledged++;
    if (plan.kind === "acknowledged" && acknowledged === plan.commits) kill();
  });
  const [exitCode, signal] = (await once(child, "close")) as [number | null, string | null];
  for (const timer of timers) clearTimeout(timer);
  return { lines, isKilled: signal === "SIGKILL", exitCode, errors };
}
