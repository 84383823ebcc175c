import type { StoredHead } from "@zspine/core";
import type { Head } from "../head/head.ts";
import type { TableEntries } from "../head/table.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import type { DormantTrace } from "./dormant-trace.ts";

/** What was found when a store was opened, and what was done about it. */
export interface RecoveryReport {
  /** The number of the head that the store was opened at; 0 for a new store. */
  readonly head: number;
  /**
   * The newest head, where it was passed over: damaged or missing, with `recover: "previous"`; or committed
   * `relaxed`, and not survived by all of it.
   */
  readonly passedOver: number | undefined;
  readonly traces: number;
  readonly batches: number;
  readonly rows: number;
  /** Bytes of the values that the batches, and the tables that name them, lie in. */
  readonly storedBytes: number;
  /**
   * Values that no kept head names: what a writer left that did not come to its commit. 0 where the backend is
   * shared: there they are looked for after a commit, see `Committer`.
   */
  readonly orphans: number;
  /** How many of them were removed at once: none when the store is read only, or shared, or a head was passed over. */
  readonly orphansRemoved: number;
  /** What is not as it should be, though nothing of the state is lost by it. */
  readonly problems: readonly string[];
}

/** A store as it was found in its backend. */
export interface Recovered {
  /** The state to go on from; `undefined` for a new store. */
  readonly head: Head | undefined;
  /** The checksum of that head; 0 when the next head has none to follow. */
  readonly checksum: number;
  /** The number of the newest head that is or was there. */
  readonly newest: number;
  readonly traces: readonly DormantTrace[];
  /** What the tables of the head tell, youngest first. */
  readonly tables: readonly TableEntries[];
  /** What clones borrow, by the values that say so. */
  readonly loans: ReadonlyMap<string, StoredFile>;
  /** What the head before names, for as long as it is kept; nothing where the backend is shared. */
  readonly previous: readonly StoredFile[];
  /** The head of the state and, where it is there, the one before it. */
  readonly heads: readonly StoredHead[];
  /** Names of all values that are there; where the backend is shared, of those that are known. */
  readonly names: readonly string[];
  readonly report: RecoveryReport;
}

/** What is found where nothing can be. */
export const NEW_STORE: Recovered = {
  head: undefined,
  checksum: 0,
  newest: 0,
  traces: [],
  tables: [],
  heads: [],
  loans: new Map(),
  previous: [],
  names: [],
  report: {
    head: 0,
    passedOver: undefined,
    traces: 0,
    batches: 0,
    rows: 0,
    storedBytes: 0,
    orphans: 0,
    orphansRemoved: 0,
    problems: [],
  },
};
