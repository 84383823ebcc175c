import type { Answers } from "../workload/answers.ts";
import type { Kind } from "../workload/kind.ts";
import { COMMITS, sumOfCommits, sumOfTurns } from "../workload/new-rows.ts";
import type { Part, Row } from "./row.ts";

/** What the suite is asked for. */
export interface SuiteOptions {
  /** Rows of the largest workload but for growth. */
  readonly size: number;
  /** Growth to ten times the size. */
  readonly isLarge: boolean;
}

/** An answer to expect. */
type Answer = (answers: Answers) => number;

/** What looking up the keys of a list comes to, and how many they are. */
const asked = (list: string): { readonly answer: Answer; readonly units: Answer } => ({
  answer: ({ found }) => found[list]!.sum,
  units: ({ found }) => found[list]!.keys,
});
const scan: Answer = (answers) => answers.scan;
const values: Answer = (answers) => answers.values;
const rowCount: Answer = (answers) => answers.rows;
const checksum: Answer = (answers) => answers.checksum;
const ranges = {
  answer: (answers: Answers) => answers.ranges.sum,
  units: (answers: Answers) => answers.ranges.keys,
};
const nothing: Answer = () => 0;

const SMALLEST = 1000;

const ENGINES = ["zspine", "db-ivm", "d2ts", "map"];
const STORES = ["zspine", "sqlite", "lmdb", "classic-level", "zspine-level"];
const RUNTIMES = ["zspine", "zspine-deno", "zspine-bun"];

/** All rows of the suite, in the order in which they are run. */
export function rowsOf(options: SuiteOptions): readonly Row[] {
  const { size } = options;
  return [
    ...bulkRows("int", size),
    ...bulkRows("text", size),
    ...stepRows("ids", size),
    ...stepRows("objects", size),
    ...diskRows(size),
    ...stateRows(size),
    ...growthRows(options),
    ...runtimeRows(size),
  ];
}

/** What `dbsp` does too. */
function bulkRows(kind: Kind, n: number): Row[] {
  const row = rowMaker("bulk", kind, n, ["zspine", "dbsp"]);
  const onDisk = ["zspine", "dbsp-disk"];
  return [
    row("consolidate", "consolidate", { answer: rowCount, check: checksum }),
    row("merge of 2", "merge2", { answer: rowCount, check: checksum }),
    row("merge of 8", "merge8", { answer: rowCount, check: checksum }),
    row("spine insert, 1,000 a batch", "spine1k", { answer: scan, check: checksum }),
    row("spine insert, 10,000 a batch", "spine10k", { answer: scan, check: checksum }),
    row("scan, one batch", "scan1", { answer: scan, check: checksum }),
    row("scan, 16 batches", "scan16", { answer: scan, check: checksum }),
    row("look-up present, one batch", "present", asked("present")),
    row("look-up absent, one batch", "absent", asked("absent")),
    row("look-up present, spine", "presentSpine", asked("present")),
    row("look-up absent, spine", "absentSpine", asked("absent")),
    row("ascending keys", "gallop", asked("sorted")),
    row("delta of 1,000 keys", "delta1k", asked("delta1k")),
    row("delta of 10,000 keys", "delta10k", asked("delta10k")),
    row("rows() of one batch", "scan1rows", { answer: scan, check: checksum, ways: { dbsp: "scan1" } }),
    row("merge of 8, clustered", "mergeClustered", { answer: rowCount, contestants: ["zspine"] }),
    row("everything on disk, write", "diskWrite", { answer: scan, contestants: onDisk, fresh: 2, runs: 3 }),
    row("everything on disk, read", "diskRead", {
      answer: scan,
      contestants: onDisk,
      fresh: 1,
      runs: 5,
      prepare: "diskWrite",
    }),
  ];
}

/** Small steps in memory. */
function stepRows(kind: Kind, n: number): Row[] {
  const row = rowMaker("steps", kind, n, ENGINES, { scene: "steps" });
  return [
    row("get, hot", "get", asked("probes")),
    row("get absent, hot", "getAbsent", asked("absent")),
    row("get and add by turns", "turns", {
      units: ({ found }) => 2 * found["steps"]!.keys,
      answer: ({ found }) => sumOfTurns(kind, found["steps"]!),
    }),
    row("join of a delta of 1 key", "join1", asked("one")),
    row("join of a delta of 1,000 keys", "join1k", asked("delta1k")),
    row("join of a delta of 10,000 keys", "join10k", asked("delta10k")),
    row("range of 100 rows, memory", "range", {
      ...ranges,
      contestants: ["zspine", "sqlite"],
    }),
    row("scan of values", "scan", { answer: values }),
    row("get, compacted", "getCompacted", asked("probes")),
  ];
}

/** Small steps and ingest on disk. */
function diskRows(size: number): Row[] {
  const n = Math.max(SMALLEST, size / 5);
  const row = rowMaker("disk", "objects", n, STORES, { prepare: "diskFill" });
  const few = asked("few");
  const commit = (rows: number): Row =>
    row(`commit of ${rows} row${rows === 1 ? "" : "s"}, synced`, `commit${rows}`, {
      units: COMMITS,
      answer: () => sumOfCommits("objects", rows),
      // Last, for the stores have more rows then.
    });
  const ingest = rowMaker("disk", "ids", size, ["zspine", "zspine-level", "classic-level", "sqlite"], {
    fresh: 1,
    runs: 3,
  });
  return [
    row("get, disk, hot", "diskGet", few),
    row("get, disk, cold", "diskGetCold", { ...few, fresh: 1 }),
    row("get, disk, cache of a tenth", "diskGetCache", {
      ...few,
      contestants: STORES.filter((name) => name !== "lmdb"),
    }),
    row("range of 100 rows, disk", "diskRange", ranges),
    row("scan of values, disk", "diskScan", { answer: values }),
    row("open and first get", "open", { ...asked("first"), fresh: 1 }),
    commit(1),
    commit(100),
    ingest("ingest, 50,000 rows a commit", "ingest50k", { answer: values }),
    ingest("ingest, 1,000 rows a commit", "ingest1k", {
      answer: values,
      contestants: ["zspine", "zspine-level", "classic-level"],
    }),
  ];
}

/** What zspine is asked alone, but for bytes. */
function stateRows(size: number): Row[] {
  const alone = rowMaker("state", "ids", size, ["zspine"]);
  const small = rowMaker("state", "ids", Math.max(SMALLEST, size / 10), ["zspine"]);
  const once = { fresh: 1, runs: 1 };
  return [
    rowMaker("state", "int", size, [...ENGINES])("bytes a row in memory", "bytes", {
      ...once,
      answer: values,
    }),
    rowMaker("state", "objects", size, [...ENGINES])("bytes a row in memory", "bytes", {
      ...once,
      answer: values,
    }),
    rowMaker("state", "int", size, ["zspine"])("bytes a row on disk", "diskBytes", {
      ...once,
      answer: values,
    }),
    alone("turns, ingest on files", "turnsOnFiles", { answer: values, runs: 3 }),
    alone("turns, ingest in memory", "turnsInMemory", { answer: values, runs: 3 }),
    alone("insert row by row", "insertWorst", { answer: values, runs: 3 }),
    small("commit of one row, 10 traces", "traces10", { units: 50, answer: nothing }),
    small("commit of one row, 1,000 traces", "traces1000", { units: 50, answer: nothing }),
    small("10 snapshots open", "snapshots10", { units: 10, answer: nothing }),
    small("1,000 snapshots open", "snapshots1000", { units: 1000, answer: nothing }),
    small("10 commits waiting", "waiting10", { units: 10, answer: nothing }),
    small("1,000 commits waiting", "waiting1000", { units: 1000, answer: nothing }),
    alone("recovery of a store that was not closed", "recover", {
      fresh: 1,
      runs: 3,
      prepare: "crash",
      answer: values,
    }),
    rowMaker("budget", "ids", Math.max(SMALLEST, size / 5), ["zspine"])("budget", "budget", {
      ...once,
      answer: nothing,
    }),
  ];
}

/** The same at sizes a factor of ten apart. */
function growthRows({ size, isLarge }: SuiteOptions): Row[] {
  const sizes = [size / 100, size / 10, size, ...(isLarge ? [size * 10] : [])].filter((n) => n >= SMALLEST);
  return sizes.flatMap((n) => {
    const row = rowMaker("growth", "ids", n, ["zspine"], { scene: "growth", runs: 3 });
    const fresh = { fresh: 1, runs: 3 };
    return [
      row("grow: insert in batches", "fill", { answer: values }),
      row("grow: get, hot", "get", asked("probes")),
      row("grow: get absent, hot", "getAbsent", asked("absent")),
      row("grow: join of a delta of 1 key", "join1", asked("one")),
      row("grow: scan of values", "scan", { answer: values }),
      row("grow: get, compacted", "getCompacted", asked("probes")),
      row("grow: ingest on files", "ingest50k", { ...fresh, answer: values }),
      row("grow: open and first get", "open", { ...fresh, ...asked("first"), prepare: "diskFill" }),
      row("grow: commit of 100 rows", "commit100", {
        units: COMMITS,
        prepare: "diskFill",
        answer: () => sumOfCommits("ids", 100),
      }),
      row("grow: bytes", "bytes", { fresh: 1, runs: 1, answer: values }),
    ];
  });
}

/** The same on Node, Deno and Bun. */
function runtimeRows(size: number): Row[] {
  const row = rowMaker("runtimes", "int", size, RUNTIMES);
  const ids = rowMaker("runtimes", "ids", size, RUNTIMES);
  return [
    row("on runtimes: consolidate", "consolidate", { answer: rowCount, check: checksum }),
    row("on runtimes: merge of 8", "merge8", { answer: rowCount, check: checksum }),
    row("on runtimes: spine insert", "spine10k", { answer: scan, check: checksum }),
    row("on runtimes: scan, one batch", "scan1", { answer: scan, check: checksum }),
    row("on runtimes: look-up present", "present", asked("present")),
    row("on runtimes: delta of 10,000 keys", "delta10k", asked("delta10k")),
    ids("on runtimes: ingest on files", "ingest50k", { fresh: 1, runs: 3, answer: values }),
  ];
}

type Given = Partial<Row> & Pick<Row, "answer">;

function rowMaker(
  part: Part,
  kind: Kind,
  n: number,
  contestants: readonly string[],
  common: Partial<Row> = {},
): (title: string, work: string, given: Given) => Row {
  return (title, work, given) => {
    // A row of processes that are new each time is no part of a scene.
    const { scene, ...rest } = common;
    const shared = scene === undefined || given.fresh !== undefined ? rest : { ...rest, scene };
    return { part, title, work, kind, n, units: n, contestants, ...shared, ...given };
  };
}
