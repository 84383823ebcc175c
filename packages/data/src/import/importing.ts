import { isZspineError, quote, throwIfAborted, ZspineError } from "@zspine/core";
import { checkMade } from "@zspine/core/engine";
import type { Store } from "@zspine/store";
import { changeOf, type Change } from "../commit/change.ts";
import { GOES_ON, tellEnd } from "../commit/progress.ts";
import { commitTogether } from "../commit/commit-together.ts";
import { Gathering } from "../commit/gathering.ts";
import { isTarget, storedTarget, type StoredTarget, type TargetTrace } from "../commit/target.ts";
import { MoveRecord, textOf, type Told } from "../record/move-record.ts";
import { runNamed } from "../record/named-work.ts";
import type { BadRow, ImportOptions, ImportProgress, ImportReport } from "./import-options.ts";

/** What a store tells of an import. */
type StoredImport = {
  readonly lines: number;
  readonly offset: number;
  readonly rows: number;
  readonly badRows: number;
  readonly isDone: boolean;
  readonly target: StoredTarget;
};

/** A row on its way in, as it was given. */
export interface GivenRow {
  readonly key: unknown;
  readonly value: unknown;
  readonly weight?: unknown;
  readonly time?: unknown;
}

/** What imports it, and what it counts, for messages. */
export interface ImportKind {
  readonly what: string;
  readonly unit: "line" | "row";
}

const ROW = ["row"];
const ROW_NAMES = ["key", "value", "weight", "time"];
const NOTHING_READ = { lines: 0, offset: 0, rows: 0, badRows: 0 };
/** Bad rows that are listed in a report. */
const BAD_MAX = 100;
const TEXT_MAX = 200;

/**
 * An import under way: gathers rows, and commits them with how far it has come, in a row of the store's record. So what is
 * committed is the rows of the lines that the record tells of, and of no others, whenever it ends.
 */
export class Importing<K, V> {
  private readonly what: ImportKind;
  private readonly store: Store;
  private readonly trace: TargetTrace<K, V>;
  private readonly options: ImportOptions;
  private readonly record: MoveRecord | undefined;
  private told: Told<StoredImport>;
  private gathering: Gathering<K, V>;
  private bad: BadRow[] = [];
  private lines: number;
  private offset: number;
  private rows: number;
  private badRows: number;
  private committedRows: number;

  private constructor(
    what: ImportKind,
    store: Store,
    trace: TargetTrace<K, V>,
    options: ImportOptions,
    record: MoveRecord | undefined,
    told: Told<StoredImport>,
  ) {
    this.what = what;
    this.store = store;
    this.trace = trace;
    this.options = options;
    this.record = record;
    this.told = told;
    this.gathering = new Gathering(trace);
    const { lines, offset, rows, badRows } = told.state ?? NOTHING_READ;
    this.lines = lines;
    this.offset = offset;
    this.rows = rows;
    this.badRows = badRows;
    this.committedRows = rows;
  }

  /**
   * Runs an import, from where the last of its name has come to.
   *
   * @param read Gives it what is to be imported from there on.
   */
  static async run<K, V>(
    what: ImportKind,
    store: Store,
    trace: TargetTrace<K, V>,
    options: ImportOptions,
    read: (importing: Importing<K, V>) => Promise<void>,
  ): Promise<ImportReport> {
    const { name, signal } = options;
    throwIfAborted(signal, what.what);
    const work = async (): Promise<ImportReport> => {
      const record = name === undefined ? undefined : await MoveRecord.open(store);
      const told = await record?.read<StoredImport>("import", name!);
      if (told?.state !== undefined && !isTarget(trace, told.state.target))
        throw otherTarget(what.what, name!, trace.name, told.state.target);
      const nothing = { state: undefined, text: undefined };
      const importing = new Importing(what, store, trace, options, record, told ?? nothing);
      if (told?.state?.isDone === true) return importing.report(store.token, true);
      await importing.read(read);
      return importing.report(await importing.commit(true), false);
    };
    return name === undefined ? work() : runNamed(store, "import", name, work);
  }

  private async read(from: (importing: this) => Promise<void>): Promise<void> {
    const before = this.committedRows;
    try {
      await from(this);
    } catch (error) {
      if (isZspineError(error, "ZSPINE_ABORTED") && this.committedRows > before)
        throwIfAborted(this.options.signal, this.what.what, GOES_ON);
      throw error;
    }
  }

  /** Where it goes on. */
  get from(): { readonly lines: number; readonly offset: number } {
    return { lines: this.lines, offset: this.offset };
  }

  /** Whether what was gathered is to be committed before more is. */
  get isFull(): boolean {
    return this.gathering.rows >= (this.options.commitEvery ?? Infinity);
  }

  /** Notes that a line is done with, and where the next begins. */
  passed(lines: number, offset: number): void {
    this.lines = lines;
    this.offset = offset;
  }

  /**
   * Takes a row; `undefined` is none.
   *
   * @param number Which it is, for messages.
   * @param text What it was read of.
   * @throws what `make` throws, or the error of a row that is refused, with where it stands, unless such rows are left out.
   */
  take(number: number, text: string, make: () => GivenRow | undefined): void {
    try {
      const row = make();
      if (row === undefined) return;
      checkMade(row, ROW, ROW_NAMES, "a row { key, value }, or undefined for none");
      this.gathering.push(row.key, row.value, row.weight, row.time);
      this.rows++;
    } catch (error) {
      this.refuse(number, text, error);
    }
  }

  /** Commits what was gathered, with where it goes on from; `isDone` when there is no more. Resolves to the token. */
  async commit(isDone = false): Promise<number> {
    const { gathering, record, store, told, options } = this;
    const { name, metadata, durability, signal } = options;
    const { lines, offset, rows, badRows } = this;
    const state = { lines, offset, rows, badRows, isDone, target: storedTarget(this.trace) };
    const text = textOf(state);
    const changes: Change[] = [gathering];
    if (record !== undefined)
      changes.push(changeOf(record.trace, record.change("import", name!, told.text, text)));
    const token = await commitTogether(
      store,
      changes,
      { durability, signal, metadata: isDone ? metadata : undefined },
      record === undefined ? undefined : () => record.has("import", name!, text),
    );
    this.told = { state, text };
    this.gathering = new Gathering(this.trace);
    this.committedRows = rows;
    if (isDone) tellEnd(() => this.tell());
    else this.tell();
    return token;
  }

  /** Tells how far it has come. */
  tell(): void {
    this.options.onProgress?.(this.progress);
  }

  private get progress(): ImportProgress {
    const { lines, offset, rows, badRows, committedRows } = this;
    return { lines, offset, rows, badRows, committedRows };
  }

  private report(token: number, wasDone: boolean): ImportReport {
    return { ...this.progress, bad: this.bad, token, wasDone };
  }

  private refuse(number: number, text: string, error: unknown): void {
    const { onBadRow = "refuse" } = this.options;
    if (!isZspineError(error)) throw error;
    const { code, message, path } = error;
    if (onBadRow === "refuse") {
      const { what, unit } = this.what;
      throw new ZspineError(code, `${what}: ${unit} ${number}: ${message}; nothing was imported`, {
        cause: error,
        path: [unit, number, ...path],
      });
    }
    this.badRows++;
    const bad = { number, code, message, path, text: text.slice(0, TEXT_MAX) };
    if (this.bad.length < BAD_MAX) this.bad.push(bad);
    if (typeof onBadRow === "function") onBadRow(bad);
  }
}

function otherTarget(what: string, name: string, trace: string, target: StoredTarget): ZspineError {
  const message =
    `${what}: the import ${quote(name)} was into ${target.name === trace ? "a trace of that name that is not there any more" : `the trace ${quote(target.name)}`}, ` +
    `and ${quote(trace)} was given; take another name, or forgetMove(store, "import", ${quote(name)}) to begin anew; nothing was done`;
  return new ZspineError("ZSPINE_CONFLICT", message, { path: [what, "name"] });
}
