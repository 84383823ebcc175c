import { rmSync } from "node:fs";
import { file } from "@zspine/backend-file";
import { bytesIn } from "../contest/folder.ts";
import { hasTextKeys, type Key } from "../workload/kind.ts";
import type { Workload } from "../workload/workload.ts";
import { begin, taken } from "./clock.ts";
import type { Repertoire, Report } from "./work.ts";
import { columnsOf, openTrace, type OpenTrace } from "./zspine-rows.ts";

const COMMIT_ROWS = 50_000;
const KEYS = 10_000;

/** The work that `dbsp` with storage does too, with rows of kinds `int` and `text`. */
export const diskWorks: Repertoire = {
  diskWrite: ({ workload, location }) => {
    let round = 0;
    return { run: () => write(workload, `${location}/store${++round}`) };
  },
  diskRead: ({ workload, location }) => ({ run: () => read(workload, `${location}/store1`) }),
};

async function write(workload: Workload, location: string): Promise<Report> {
  const { kind } = workload;
  const pieces = workload.pieces(COMMIT_ROWS).map((rows) => columnsOf(kind, rows));
  rmSync(location, { recursive: true, force: true });
  const { store, trace } = await openTrace(kind, { backend: file({ location }) });
  const clock = begin();
  for (const columns of pieces) {
    trace.insertBatch(columns);
    await store.commit();
  }
  const time = taken(clock);
  await store.finishMerges();
  await store.flush();
  const rest = taken(clock);
  const bytesAtRest = bytesIn(location) / workload.answers.rows;
  const answer = await scan(workload, trace);
  await store.close();
  return { ...time, answer, restWall: rest.wall, bytesAtRest };
}

/** Reads what `diskWrite` has left, in a process that has read nothing of it. */
async function read(workload: Workload, location: string): Promise<Report> {
  let clock = begin();
  const { store, trace } = await openTrace(workload.kind, { backend: file({ location }) });
  const opened = taken(clock);
  clock = begin();
  const answer = await scan(workload, trace);
  const time = taken(clock);
  const look = (list: string): { readonly wall: number; readonly sum: number } => {
    const keys = workload.list(list).slice(0, KEYS);
    clock = begin();
    using snapshot = trace.snapshot();
    let sum = 0;
    for (const key of keys)
      for (const { value, weight } of snapshot.get(key)) sum += ((value as number) + 1) * weight;
    return { wall: taken(clock).wall, sum };
  };
  const present = look("present");
  const absent = look("absent");
  clock = begin();
  const again = await scan(workload, trace);
  const second = taken(clock);
  await store.close();
  if (again !== answer) throw new Error(`a scan answered ${answer}, the next ${again}`);
  return {
    ...time,
    answer,
    openWall: opened.wall,
    presentWall: present.wall,
    absentWall: absent.wall,
    secondWall: second.wall,
    found: present.sum,
    none: absent.sum,
  };
}

async function scan({ kind }: Workload, trace: OpenTrace["trace"]): Promise<number> {
  let sum = 0;
  for await (const { key, value, weight, length } of trace.chunks()) {
    const keys = key as ArrayLike<Key>;
    const values = value as ArrayLike<number>;
    for (let row = 0; row < length; row++) {
      const word = hasTextKeys(kind) ? (keys[row] as string).charCodeAt(12) : (keys[row] as number);
      sum += word + values[row]! + weight[row]!;
    }
  }
  return sum;
}
