import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  numberWithin,
  oneOf,
  refused,
  SIGNAL,
  type OptionKinds,
} from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { Metadata } from "@zspine/store";
import { MOVE_NAME } from "../record/named-work.ts";

/** How far a migration has come, in this call and those before it. */
export interface MigrationProgress {
  /** Rows of sources that were read, and rows that were made of them. */
  readonly rows: number;
  readonly written: number;
  /** How many of these are committed. */
  readonly committedRows: number;
  /** The trace that is being written. */
  readonly trace: string | undefined;
}

/** What a migration has done, in this call and those before it. */
export interface MigrationReport {
  readonly rows: number;
  readonly written: number;
  /** The commit of the source that was moved; 0 where it had none. */
  readonly source: number;
  /** The token of the commit that ended it; of one that had ended before the call, the newest. */
  readonly token: number;
  /** Whether it had ended before the call, which has done nothing then. */
  readonly wasDone: boolean;
}

/** How to migrate. */
export interface MigrateOptions {
  /**
   * By which both stores know it, for good: the same call goes on where it was, and does nothing once it has ended. 1 to 180
   * characters.
   */
  readonly name: string;
  /** Rows of a commit of the target: memory is taken for so many. 65,536 by default. */
  readonly commitEvery?: number | undefined;
  /** Whether traces that are moved to may have rows, to which those that are moved are added. By default they are refused. */
  readonly mayHaveRows?: boolean | undefined;
  /** Replaces the metadata of the target, in the last commit; for example that of the source. */
  readonly metadata?: Metadata | undefined;
  /** As of `store.commit()`. */
  readonly durability?: "sync" | "relaxed" | undefined;
  /** Ends it with `ZSPINE_ABORTED`: the same call goes on after its last commit. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each commit. */
  readonly onProgress?: ((progress: MigrationProgress) => void) | undefined;
}

const KINDS: OptionKinds = {
  name: MOVE_NAME,
  commitEvery: numberWithin(1, Number.MAX_SAFE_INTEGER, true),
  mayHaveRows: BOOLEAN,
  metadata: ANY,
  durability: oneOf("sync", "relaxed"),
  signal: SIGNAL,
  onProgress: FUNCTION,
};

/** The name of a hold has a few characters more. */
const NAME_LENGTH_MAX = 180;

/** Gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS`. */
export function checkMigrate(given: MigrateOptions): MigrateOptions {
  const options = checkOptions(given, "migrate", KINDS, FORM);
  const { name } = options;
  if (name !== undefined && name.length <= NAME_LENGTH_MAX) return options;
  throw refused(["migrate", "name"], `1 to ${NAME_LENGTH_MAX} characters`, name, FORM);
}

const FORM = 'write migrate(from, to, [move(old, new)], { name: "to version 2" })';
