import { writeSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { forward, SeededRandom } from "@zspine/conformance";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { systemEnvironment, type Backend } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { recover } from "../../src/recovery/recover.ts";
import type { ChildLine, ChildOrder, Part } from "./child-report.ts";
import { findDifferences, insertStep, openTraces, rowsOf, type Traces } from "./steps.ts";

// The program that is killed: opens a store, finds out whether all is in order, and commits step after step. What
// is acknowledged it says at once, so that it is known even when the next thing that happens is its end.

const order = JSON.parse(process.argv[2]!) as ChildOrder;
const { plan, seed, location } = order;

function say(line: ChildLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** What the child is doing, for kills that wait for it. */
const doing: { part: Part; isCommitting: boolean } = { part: "open", isCommitting: false };
let calls = 0;

function die(method: string): void {
  const during = `${doing.part}: ${doing.isCommitting ? "commit" : "no commit"}, ${method}`;
  say({ type: "kill", during });
  process.kill(process.pid, "SIGKILL");
}

/** Does what is a part of its own among steps. */
async function doPart(part: "merge" | "compact", call: () => Promise<unknown>): Promise<void> {
  doing.part = part;
  say({ type: "part", part });
  await call();
  doing.part = "work";
  say({ type: "part", part: "work" });
}

/** Lets a call of the backend happen, unless the plan is that the process ends at it. */
async function doCall<T>(method: string, call: () => Promise<T>): Promise<T> {
  if (plan.kind !== "call" || plan.part !== doing.part || ++calls !== plan.call) return call();
  if (plan.when === "before") die(method);
  const result = call();
  if (plan.when === "during") {
    // So that the call is somewhere in its course, seeded but not the same each time.
    for (let turn = seed % 4; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    die(method);
  }
  await result.catch(() => undefined);
  die(method);
  return result;
}

function watched(backend: Backend): Backend {
  return {
    ...forward(backend),
    get: (...args) => doCall("get", () => backend.get(...args)),
    write: (ops, options) => {
      const isPut = ops.some(({ type }) => type === "put");
      return doCall(isPut ? "write" : "remove", () => backend.write(ops, options));
    },
    readHead: (...args) => doCall("readHead", () => backend.readHead(...args)),
    createHead: (...args) => doCall("createHead", () => backend.createHead(...args)),
  };
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}

/** Finds whatever is not as the last acknowledged commit, or the one after it, left it. */
async function check(store: Store, traces: Traces, orphans: number, steps: number): Promise<void> {
  doing.part = "check";
  const problems = [...store.recovery.problems, ...(await findDifferences(traces, seed, steps))];
  if (orphans > 0) problems.push(`${orphans} orphans are left over`);
  const { problems: damage } = await store.verify();
  problems.push(...damage.map(({ message }) => message));
  const { storedBytes } = store.recovery;
  say({ type: "checked", problems, storedBytes, diskBytes: await sizeOf(location) });
}

/** Does steps, and now and then what else is done to a store. */
async function work(store: Store, traces: Traces, before: number): Promise<void> {
  let steps = before;
  const commit = async (random: SeededRandom): Promise<void> => {
    const step = ++steps;
    insertStep(traces, rowsOf(seed, step));
    const durability = random.chance(0.5) ? "sync" : "relaxed";
    say({ type: "called", steps: step });
    await store.commit({ metadata: { steps: step }, durability });
    say({ type: "acknowledged", steps: step });
  };
  // Who is to be killed in a part of his life goes there all the time.
  const isOften = (part: Part): boolean => plan.kind === "call" && plan.part === part;
  doing.part = "work";
  while (steps < before + order.steps) {
    const random = new SeededRandom(seed ^ Math.imul(steps + 1, 0x85ebca6b));
    doing.isCommitting = true;
    // Of two at a time, the second waits for the first.
    if (random.chance(0.1)) await Promise.all([commit(random), commit(random)]);
    else await commit(random);
    doing.isCommitting = false;
    if (isOften("merge") || random.chance(0.1)) await doPart("merge", () => store.finishMerges());
    if (random.chance(0.05)) await store.flush();
    if (isOften("compact") || random.chance(0.05)) await doPart("compact", () => store.compact());
  }
}

let beneath: Backend | undefined;
const system = systemEnvironment();
const io = (backend: Backend): Backend => {
  beneath = backend;
  return watched(backend);
};
const backend = order.backend === "file" ? file({ location }) : level({ location });
const store = await openStore({ backend, environment: { ...system, io } });
const steps = (store.metadata["steps"] as number | undefined) ?? 0;
const { head, orphans, orphansRemoved, problems } = store.recovery;
say({ type: "open", head, steps, orphans, orphansRemoved, problems });
// Before a trace is there of which merges write.
const { report: left } = await recover(beneath!, { isReadOnly: true, recover: "never" });
const traces = await openTraces(store);
await check(store, traces, left.orphans, steps);
await work(store, traces, steps);
await store.close();
say({ type: "closed" });
