import type { Key, Value } from "../workload/kind.ts";
import { newValue } from "../workload/new-rows.ts";
import { begin, taken } from "./clock.ts";
import type { FillTable, Table } from "./table.ts";
import { timed, type OpenWork, type Repertoire, type Stage } from "./work.ts";

/** Small steps on a table in memory. A table is filled once and kept for the works that follow on it. */
export function stepWorks(fill: FillTable): Repertoire {
  let kept: { readonly table: Table; readonly of: string; isCompacted: boolean } | undefined;
  const tableOf = async ({ workload }: Stage, isCompacted: boolean): Promise<Table> => {
    const of = `${workload.kind} ${workload.n}`;
    if (kept?.of !== of || (kept.isCompacted && !isCompacted)) {
      await kept?.table.close?.();
      kept = undefined;
      kept = { table: await fill(workload), of, isCompacted: false };
    }
    if (isCompacted && !kept.isCompacted) {
      await kept.table.compact?.();
      kept.isCompacted = true;
    }
    return kept.table;
  };
  const work =
    (run: (table: Table, stage: Stage) => () => number, isCompacted = false): OpenWork =>
    async (stage) => {
      const call = run(await tableOf(stage, isCompacted), stage);
      return { run: () => timed(call) };
    };
  const getEach =
    (list: string) =>
    (table: Table, { workload }: Stage): (() => number) => {
      const keys = workload.list(list);
      return () => getAll(table, keys);
    };
  return {
    fill: (stage) => ({
      // Nothing is kept of what was filled before, so that it is not in the way of what is filled now.
      async run() {
        await kept?.table.close?.();
        kept = undefined;
        const clock = begin();
        const table = await fill(stage.workload);
        const time = taken(clock);
        const answer = table.scan();
        await table.close?.();
        return { ...time, answer };
      },
    }),
    get: work(getEach("probes")),
    getAbsent: work(getEach("absent")),
    turns: work((table, { workload }) => {
      const keys = workload.list("steps");
      const value = newValue(workload.kind);
      return () => takeTurns(table, keys, value);
    }),
    join1: work((table, { workload }) => {
      const keys = workload.list("one").map((key) => [key]);
      return () => {
        let sum = 0;
        for (const one of keys) sum += table.join(one);
        return sum;
      };
    }),
    join1k: work(joinOnce("delta1k")),
    join10k: work(joinOnce("delta10k")),
    range: work((table, { workload }) => {
      const keys = workload.list("steps");
      return () => {
        let sum = 0;
        for (const key of keys) sum += table.range!(key);
        return sum;
      };
    }),
    scan: work((table) => () => table.scan()),
    getCompacted: work(getEach("probes"), true),
  };
}

function joinOnce(list: string) {
  return (table: Table, { workload }: Stage): (() => number) => {
    const keys = workload.list(list);
    return () => table.join(keys);
  };
}

function getAll(table: Table, keys: readonly Key[]): number {
  let sum = 0;
  for (const key of keys) sum += table.get(key);
  return sum;
}

/** Reads a key and adds a row to it, key by key; then reads it and takes the row back. */
function takeTurns(table: Table, keys: readonly Key[], value: Value): number {
  let sum = 0;
  for (const weight of [1, -1]) {
    for (const key of keys) {
      sum += table.get(key);
      table.add(key, value, weight);
    }
  }
  return sum;
}
