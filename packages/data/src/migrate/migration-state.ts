import type { StoredTarget } from "../commit/target.ts";

/** Where a migration goes on: before the first row of a trace, or after some of a key. */
export type MovePosition = {
  /** Which of the moves. */
  readonly at: number;
  /** Of a temporal source: whether what is folded is done with. */
  readonly isBaseDone: boolean;
  /** The last key of which rows were moved, as JSON; missing before the first. */
  readonly key?: string;
  /** How many rows of it were. */
  readonly skip: number;
};

/** What a target store tells of a migration. */
export type StoredMigration = {
  /** What is moved, and how, so that another is told from it. */
  readonly definition: string;
  /** The commit of the source that is moved. */
  readonly source: number;
  /** Of each move whose source is temporal, what of it is moved; `null` of others, and where nothing is complete. */
  readonly times: readonly ({ readonly since: number; readonly until: number } | null)[];
  readonly position: MovePosition;
  /** What it moves to, once there are rows. */
  readonly targets: readonly StoredTarget[];
  /** Rows that were read, and rows that were made of them. */
  readonly rows: number;
  readonly written: number;
  readonly stage: "moving" | "moved" | "done";
};
