import type { Backend } from "@zspine/core";
import { fetchChecked } from "../block/stored-bytes.ts";
import type { Head, HeadBatch, HeadClone, HeadTable, HeadTrace } from "../head/head.ts";
import { tracesOf } from "../head/manifest.ts";
import { decodeTable, describeTable, type TableEntries } from "../head/table.ts";
import { atOnce } from "./at-once.ts";
import { decodeLoan, describeLoan, fileOfLoan } from "../tier/loan.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import { DormantTrace } from "./dormant-trace.ts";
import { findBatch, WHAT_TO_DO, type FoundBatch } from "./found-batch.ts";

/** Reads a table that a head names. @throws (rejects with) `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
async function readTable(backend: Backend, table: HeadTable): Promise<TableEntries> {
  const bytes = await fetchChecked(backend, table, { where: describeTable(table), advice: WHAT_TO_DO });
  return decodeTable(bytes, table);
}

/** Reads what a clone borrows. @throws (rejects with) `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
async function readLoan(backend: Backend, clone: HeadClone): Promise<StoredFile> {
  const { value } = clone.loan;
  const bytes = await fetchChecked(backend, clone.loan, { where: describeLoan(value), advice: WHAT_TO_DO });
  return fileOfLoan(clone, decodeLoan(bytes, value));
}

/** Batches by their names, as they were found, or are being read. */
export type FoundBatches = Map<string, Promise<FoundBatch>>;

/** What a head names, its tables read. */
interface NamedTraces {
  /** What each of its tables tells, youngest first. */
  readonly tables: readonly TableEntries[];
  readonly traces: ReadonlyMap<string, HeadTrace>;
}

/**
 * Reads what heads name: in one round the tables of a head, in another the indexes of all its batches. What several
 * heads name is read once.
 */
export class HeadReader {
  private readonly backend: Backend;
  private readonly present: ReadonlySet<string> | undefined;
  private readonly tables = new Map<string, Promise<TableEntries>>();
  private readonly lent = new Map<string, Promise<StoredFile>>();
  private readonly batches: Map<string, Promise<FoundBatch>>;

  /**
   * @param present The names of all values that are there, where they are known: one that is missing is damage.
   * @param batches Those that were found before, to be added to.
   */
  constructor(backend: Backend, present?: ReadonlySet<string>, batches: FoundBatches = new Map()) {
    this.backend = backend;
    this.present = present;
    this.batches = batches;
  }

  /** Finds the traces of a head. @throws (rejects with) `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
  async traces(head: Head): Promise<NamedTraces> {
    const tables = await atOnce(head.tables, (table) =>
      remember(this.tables, JSON.stringify(table), () => readTable(this.backend, table)),
    );
    return { tables, traces: tracesOf(head, tables) };
  }

  /** Finds what its clones borrow, by the values that say so. @throws (rejects with) `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
  async loans({ clones }: Head): Promise<ReadonlyMap<string, StoredFile>> {
    const files = await atOnce(clones, (clone) =>
      remember(this.lent, clone.loan.value, () => readLoan(this.backend, clone)),
    );
    return new Map(clones.map(({ loan }, at) => [loan.value, files[at]!]));
  }

  /** Finds the batch of a trace. @throws (rejects with) `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
  batch(trace: string, head: HeadBatch): Promise<FoundBatch> {
    return remember(this.batches, head.id, () => findBatch(this.backend, trace, head, this.present));
  }

  /** Finds all batches of traces. @throws (rejects with) `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`. */
  async dormant(traces: Iterable<HeadTrace>): Promise<DormantTrace[]> {
    const named = [...traces];
    const batches = named.flatMap((head) => head.batches.map((batch) => ({ trace: head.name, batch })));
    const found = await atOnce(batches, ({ trace, batch }) => this.batch(trace, batch));
    let at = 0;
    return named.map(
      (head) =>
        new DormantTrace(
          head,
          head.batches.map(() => found[at++]!),
        ),
    );
  }
}

function remember<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const reading = known.get(key) ?? read();
  known.set(key, reading);
  // What could not be read may be looked for again.
  reading.catch(() => known.delete(key));
  return reading;
}
