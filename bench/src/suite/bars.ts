import type { Kind } from "../workload/kind.ts";

/** Which of the three tables of what is to be reached a bar stands in. */
export type BarTable = "In bulk" | "In small steps" | "And";

/** What a row is found by. */
export interface Named {
  readonly title: string;
  readonly kind: Kind;
}

/** Something to reach, and how it is found out of a result. */
export type Bar = { readonly table: BarTable; readonly what: string } & (
  Beside | Within | Bound | Unmeasured
);

/** zspine beside others: the time of the fastest of them over that of zspine. */
interface Beside extends Named {
  readonly type: "beside";
  readonly against: readonly string[];
  /** What is compared: `wall`, `cpu` or a further figure. */
  readonly figure: string;
  readonly least: number;
}

/** One figure of zspine over another: of two rows, or of what two units take. */
interface Within extends Named {
  readonly type: "within";
  readonly figure: string;
  readonly over: Named;
  readonly most: number;
  /** For each unit of a run. */
  readonly isPerUnit?: boolean;
}

/** A figure of zspine by itself; a time in seconds. */
interface Bound extends Named {
  readonly type: "bound";
  readonly figure: string;
  readonly unit: "ms" | "B" | "×" | "s";
  readonly most?: number;
  readonly least?: number;
}

/** What this suite has no row for. */
interface Unmeasured {
  readonly type: "unmeasured";
}

const BULK_WORKS = [
  "consolidate",
  "merge of 2",
  "merge of 8",
  "spine insert, 1,000 a batch",
  "spine insert, 10,000 a batch",
  "scan, one batch",
  "scan, 16 batches",
  "look-up present, one batch",
  "look-up absent, one batch",
  "look-up present, spine",
  "look-up absent, spine",
  "ascending keys",
  "delta of 1,000 keys",
  "delta of 10,000 keys",
];
const DISK_FIGURES = {
  "everything on disk, write": { write: "wall" },
  "everything on disk, read": {
    "first scan": "wall",
    "second scan": "secondWall",
    "look-up present": "presentWall",
    "look-up absent": "absentWall",
  },
};
const NUMBERS: readonly Kind[] = ["int", "text"];
const DISTINCT: readonly Kind[] = ["ids", "objects"];

/** All that is to be reached, in the order of the tables. */
export const bars: readonly Bar[] = [...bulkBars(), ...stepBars(), ...otherBars()];

function beside(
  table: BarTable,
  title: string,
  kind: Kind,
  against: readonly string[],
  least: number,
  more: { readonly figure?: string; readonly what?: string } = {},
): Bar {
  const { figure = "wall", what = title } = more;
  return { type: "beside", table, what: `${what}, ${kind}`, title, kind, against, figure, least };
}

function bulkBars(): Bar[] {
  const table = "In bulk";
  const onDisk = NUMBERS.flatMap((kind) =>
    Object.entries(DISK_FIGURES).flatMap(([title, figures]) =>
      Object.entries(figures).map(([what, figure]) =>
        beside(table, title, kind, ["dbsp-disk"], 1, { figure, what: `on disk: ${what}` }),
      ),
    ),
  );
  return [
    ...NUMBERS.flatMap((kind) => BULK_WORKS.map((title) => beside(table, title, kind, ["dbsp"], 1))),
    ...onDisk,
    ...NUMBERS.flatMap((kind): Bar[] => [
      beside(table, "rows() of one batch", kind, ["dbsp"], 0.5),
      {
        type: "within",
        table,
        what: `rows() over chunks(), ${kind}`,
        title: "rows() of one batch",
        kind,
        figure: "wall",
        over: { title: "scan, one batch", kind },
        most: 6,
      },
      {
        type: "within",
        table,
        what: `merge of 8 clustered over interleaved, ${kind}`,
        title: "merge of 8, clustered",
        kind,
        figure: "wall",
        over: { title: "merge of 8", kind },
        most: 1 / 4,
      },
    ]),
    beside(table, "ingest, 1,000 rows a commit", "ids", ["classic-level"], 2),
    beside(table, "ingest, 50,000 rows a commit", "ids", ["classic-level"], 4),
    beside(table, "ingest, 50,000 rows a commit", "ids", ["classic-level"], 3, {
      figure: "bytesPerRow",
      what: "bytes on disk after ingest",
    }),
    beside(table, "scan of values, disk", "objects", ["classic-level"], 10),
  ];
}

function stepBars(): Bar[] {
  const table = "In small steps";
  const engines = (title: string, against: string, least: number): Bar[] =>
    DISTINCT.map((kind) => beside(table, title, kind, [against], least, { what: `${title} (${against})` }));
  return [
    ...engines("get, hot", "db-ivm", 1),
    ...engines("get, hot", "map", 0.7),
    ...engines("get, compacted", "db-ivm", 1),
    ...engines("get, compacted", "map", 0.7),
    ...engines("get and add by turns", "db-ivm", 1),
    ...engines("join of a delta of 1 key", "db-ivm", 0.5),
    ...engines("join of a delta of 1,000 keys", "db-ivm", 1.5),
    ...engines("join of a delta of 10,000 keys", "db-ivm", 1.5),
    ...engines("range of 100 rows, memory", "sqlite", 1.5),
    beside(table, "range of 100 rows, disk", "objects", ["sqlite"], 1.5),
    beside(table, "get, disk, hot", "objects", ["sqlite", "lmdb"], 1),
    beside(table, "get, disk, cold", "objects", ["sqlite", "lmdb"], 0.5),
    beside(table, "get, disk, cache of a tenth", "objects", ["sqlite"], 0.25),
    beside(table, "commit of 1 row, synced", "objects", ["sqlite", "classic-level"], 0.7),
    beside(table, "commit of 100 rows, synced", "objects", ["sqlite", "classic-level"], 0.7),
    ...(["wall", "bytesOfCommit"] as const).map((figure): Bar => ({
      type: "within",
      table,
      what: `commit of one row, 1,000 traces over 10: ${figure === "wall" ? "time" : "bytes"}`,
      title: "commit of one row, 1,000 traces",
      kind: "ids",
      figure,
      over: { title: "commit of one row, 10 traces", kind: "ids" },
      most: 1.2,
    })),
    beside(table, "open and first get", "objects", ["sqlite"], 1 / 4, {
      figure: "cpu",
      what: "open and first get, CPU",
    }),
    linear(table, "snapshots open"),
    linear(table, "commits waiting"),
    { type: "unmeasured", table, what: "flights, 10⁶ rows on files, a commit a day" },
  ];
}

/** Each of a thousand takes no more than each of ten; half as much again is left for chance. */
function linear(table: BarTable, title: string): Bar {
  const kind = "ids";
  return {
    type: "within",
    table,
    what: `each of 1,000 ${title} over each of 10`,
    title: `1,000 ${title}`,
    kind,
    figure: "wall",
    over: { title: `10 ${title}`, kind },
    most: 1.5,
    isPerUnit: true,
  };
}

function otherBars(): Bar[] {
  const table = "And";
  const bound = (
    what: string,
    title: string,
    kind: Kind,
    figure: string,
    bounds: Pick<Bound, "unit" | "most" | "least">,
  ): Bar => ({ type: "bound", table, what, title, kind, figure, ...bounds });
  const turns = (title: string, kind: Kind): Bar[] => [
    bound(`${title}: p99`, title, kind, "turnP99", { unit: "ms", most: 0.005 }),
    bound(`${title}: worst`, title, kind, "turnWorst", { unit: "ms", most: 0.02 }),
  ];
  const budget = (what: string, figure: string, least: number): Bar =>
    bound(what, "budget", "ids", figure, { unit: "×", least });
  return [
    bound("bytes a row in memory", "bytes a row in memory", "int", "bytesPerRow", { unit: "B", most: 24 }),
    bound("– compacted", "bytes a row in memory", "int", "bytesCompacted", { unit: "B", most: 24 }),
    bound("bytes a row on disk", "bytes a row on disk", "int", "bytesPerRow", { unit: "B", most: 8 }),
    budget("unlimited budget: ingest beside memory", "unlimitedIngest", 0.95),
    budget("a quarter: ingest", "quarterIngest", 0.8),
    budget("a tenth: look-ups, near ones frequent", "tenthLookUpNear", 0.5),
    budget("a tenth: look-ups, scattered ones frequent", "tenthLookUpScattered", 0.5),
    budget("a quarter, reopened: look-ups after ten seconds", "reopenedLookUp", 0.5),
    budget("spilling beside a plain write", "spill", 0.5),
    ...turns("turns, ingest on files", "ids"),
    ...turns("turns, ingest in memory", "ids"),
    bound("insert row by row: worst insert", "insert row by row", "ids", "insertWorst", {
      unit: "ms",
      most: 0.005,
    }),
    bound("recovery, a GB", "recovery of a store that was not closed", "ids", "secondsPerGigabyte", {
      unit: "s",
      most: 1,
    }),
  ];
}
