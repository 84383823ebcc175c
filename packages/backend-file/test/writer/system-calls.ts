import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { WriteOp, WriteOptions } from "@zspine/core";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { watchedMedium } from "../medium/watched-medium.ts";
import { canTrace, prepareCommitters } from "../process/committer.ts";

/** A call of a backend. */
export interface BackendStep {
  readonly method: "write" | "createHead";
  readonly number?: number;
  readonly ops: readonly WriteOp[];
  readonly options?: WriteOptions;
}

/** How the calls were seen. */
export const seenBy: string = canTrace()
  ? "strace"
  : "the medium, because strace is missing or may not trace";

/** Does steps one after another, and tells for each which calls change or sync what: `sync values`, `rename a b`. */
export async function systemCallsOf(
  folder: string,
  location: string,
  steps: readonly BackendStep[],
): Promise<string[][]> {
  const lists = canTrace() ? await traced(folder, location, steps) : await watched(location, steps);
  const short = (path: string) =>
    path
      .replace(`${location}/`, "")
      .replace(/^tmp\/[^/]+\/\d+~$/, "tmp")
      .replace(/^journal\/0*(\d+)~$/, "journal/$1");
  return lists.map((list) => list.map(([call, ...paths]) => [call, ...paths.map(short)].join(" ")));
}

type Call = readonly [call: string, ...paths: string[]];

const bytesOf = (op: WriteOp) => (op.type === "put" ? { ...op, bytes: op.bytes.length } : op);

async function traced(folder: string, location: string, steps: readonly BackendStep[]): Promise<Call[][]> {
  const log = join(folder, "strace.log");
  const calls = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,pwrite64";
  const child = prepareCommitters(folder)(location, [
    "strace",
    "-f",
    "-y",
    "-o",
    log,
    "-e",
    `trace=${calls}`,
  ]);
  await child.line();
  for (const step of steps) {
    await child.ask(JSON.stringify({ ...step, bytes: 10, ops: step.ops.map(bytesOf) }));
  }
  await child.end();
  const lists: Call[][] = [];
  let isInside = false;
  for (const line of readFileSync(log, "utf8").split("\n")) {
    if (line.includes('"/mark/begin"')) lists.push([]);
    if (line.includes("/mark/")) isInside = line.includes("begin");
    // The runtime has files of its own.
    else if (isInside && line.includes(location)) lists.at(-1)?.push(...parse(line));
  }
  return lists;
}

/** A line of strace: where a call begins, which is before the next one does. */
function parse(line: string): Call[] {
  const [, call = "", rest = ""] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
  const paths = [...rest.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string);
  const file = /^\d+<([^>]*)>/.exec(rest)?.[1] ?? "?";
  if (call.startsWith("f")) return [["sync", file]];
  if (call.startsWith("pwrite")) return file.includes("/journal/") ? [["append", file]] : [];
  return /^(rename|unlink)/.test(call) ? [[call.replace(/at2?$/, ""), ...paths]] : [];
}

async function watched(location: string, steps: readonly BackendStep[]): Promise<Call[][]> {
  const lists: Call[][] = [];
  const medium = watchedMedium((call, proceed) => {
    const [first, second, third] = call.args as string[];
    const list = lists.at(-1);
    if (call.method === "createFile" && third) list?.push(["sync", first as string]);
    if (call.method.startsWith("sync")) list?.push(["sync", first as string]);
    if (call.method === "write") list?.push(["append", first as string]);
    if (call.method === "rename") list?.push([call.method, first as string, second as string]);
    if (call.method === "unlink") list?.push(["unlink", first as string]);
    return proceed();
  });
  await using backend = await openFileBackend(location, medium);
  for (const { method, number = 0, ops, options } of steps) {
    lists.push([]);
    if (method === "write") await backend.write(ops, options);
    else await backend.createHead(number, new Uint8Array(10), ops, options);
  }
  const ofSteps = [...lists];
  lists.push([]);
  return ofSteps;
}
