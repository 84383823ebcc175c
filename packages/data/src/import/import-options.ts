import {
  FUNCTION,
  numberWithin,
  oneOf,
  refused,
  SIGNAL,
  type OptionKind,
  type OptionKinds,
  type ZspineErrorCode,
} from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import type { Metadata } from "@zspine/store";
import { MOVE_NAME } from "../record/named-work.ts";

/** A line, or a row, that could not be taken. */
export interface BadRow {
  /** Its line, counted from 1; of columns its row, likewise. */
  readonly number: number;
  /** What its error was: `ZSPINE_DECODE` for what is no JSON, `ZSPINE_INVALID_OPTIONS` for what is not of the schema. */
  readonly code: ZspineErrorCode;
  readonly message: string;
  /** Where in the row the fault lies. */
  readonly path: readonly PropertyKey[];
  /** The line, or its first 200 characters; of columns nothing. */
  readonly text: string;
}

/** How far an import has come. */
export interface ImportProgress {
  /** Lines that were read, in this call and those before it of its name. */
  readonly lines: number;
  /** Where the next begins: bytes, or units of text where text was given. */
  readonly offset: number;
  /** Rows that were taken. */
  readonly rows: number;
  /** Rows that could not be. */
  readonly badRows: number;
  /** How many rows of those taken are committed. */
  readonly committedRows: number;
}

/** What an import has done, in this call and those before it of its name. */
export interface ImportReport extends ImportProgress {
  /** The first hundred that this call could not take. */
  readonly bad: readonly BadRow[];
  /** The token of the commit that ended it; of an import that had ended before the call, the newest. */
  readonly token: number;
  /** Whether an import of the name had ended before the call, which has done nothing then. */
  readonly wasDone: boolean;
}

/** How any import is committed, and what becomes of rows that are refused. */
export interface ImportOptions {
  /**
   * What becomes of a row that cannot be taken: `"refuse"`, by default, ends the import with the error of the first, and
   * nothing is changed; `"skip"` leaves it out; a function does too, and is told of each.
   */
  readonly onBadRow?: "refuse" | "skip" | ((bad: BadRow) => void) | undefined;
  /**
   * By which the store knows the import, for good: one that has ended does nothing when it is called again. So whoever may be
   * killed calls it until it resolves.
   */
  readonly name?: string | undefined;
  /**
   * Rows after which what was taken is committed: memory is taken for so many. An import of its name goes on after the last
   * commit. By default there is one commit, at the end, and memory is taken for all rows. Takes a `name`, and `onBadRow` other
   * than `"refuse"`.
   */
  readonly commitEvery?: number | undefined;
  /** Replaces the store's metadata, in the last commit. */
  readonly metadata?: Metadata | undefined;
  /** As of `store.commit()`. */
  readonly durability?: "sync" | "relaxed" | undefined;
  /** Ends it with `ZSPINE_ABORTED`: what is not committed is forgotten. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each piece of the input, and after each commit. */
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined;
}

const ON_BAD_ROW: OptionKind = {
  expected: '"refuse", "skip" or a function',
  accepts: (value) => value === "refuse" || value === "skip" || typeof value === "function",
};

/** The options of any import. */
export const IMPORT_KINDS: OptionKinds = {
  onBadRow: ON_BAD_ROW,
  name: MOVE_NAME,
  commitEvery: numberWithin(1, Number.MAX_SAFE_INTEGER, true),
  metadata: ANY,
  durability: oneOf("sync", "relaxed"),
  signal: SIGNAL,
  onProgress: FUNCTION,
};

/** @throws `ZSPINE_INVALID_OPTIONS` where parts are to be committed and it could not be told later which. */
export function checkParts({ commitEvery, name, onBadRow = "refuse" }: ImportOptions, what: string): void {
  if (commitEvery === undefined) return;
  if (name === undefined) {
    const advice = "for who is killed halfway could not tell what is in; write { name, commitEvery }";
    throw refused([what, "name"], "a name with commitEvery", name, advice);
  }
  if (onBadRow !== "refuse") return;
  const advice =
    'for "refuse" changes nothing at all; leave commitEvery out, or write onBadRow: "skip" or a function';
  throw refused([what, "onBadRow"], '"skip" or a function with commitEvery', onBadRow, advice);
}
