import {
  isZspineError,
  throwIfAborted,
  ZspineError,
  type Backend,
  type Compression,
  type StoredHead,
} from "@zspine/core";
import {
  compareRows,
  hashKeys,
  mayContain,
  type ColumnKind,
  type Columns,
  type Part,
} from "@zspine/core/engine";
import { decodeBlock } from "../block/block.ts";
import { decodeFences, decodeIndex, type BatchIndex, type BlockEntry } from "../block/block-index.ts";
import { decodeFilter } from "../block/filter-block.ts";
import { fetchChecked, placeOfBlock, type StoredBytes } from "../block/stored-bytes.ts";
import { decodeHead } from "../head/decode-head.ts";
import type { Head, HeadBatch, HeadTrace } from "../head/head.ts";
import { identityOfBatch } from "../tier/batch-names.ts";
import { decodeLoan, describeLoan } from "../tier/loan.ts";
import { tracesOf } from "../head/manifest.ts";
import { decodeTable, describeTable, type TableEntries } from "../head/table.ts";
import { WHAT_TO_DO } from "./found-batch.ts";
import { exactSum } from "./weight-sum.ts";

/** Something that is not as it should be. */
export interface VerifyProblem {
  /** `ZSPINE_CORRUPT`, `ZSPINE_FORMAT` or `ZSPINE_DECODE`. */
  readonly code: string;
  readonly message: string;
  readonly trace: string | undefined;
  readonly batch: string | undefined;
  readonly block: number | undefined;
}

/** What a check of a whole store has found. */
export interface VerifyReport {
  /** Whether there are no problems. */
  readonly isSound: boolean;
  readonly problems: readonly VerifyProblem[];
  /** What was checked: heads, and what they name. */
  readonly heads: number;
  readonly batches: number;
  readonly blocks: number;
  readonly rows: number;
  readonly bytes: number;
}

/** How far the check has come. */
export interface VerifyProgress {
  readonly blocks: number;
  readonly bytes: number;
}

/** How to check. */
export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

type Counts = { -readonly [Name in Exclude<keyof VerifyReport, "isSound" | "problems">]: number };
type Place = Pick<VerifyProblem, "trace" | "batch" | "block">;

/** A head to check; without bytes, one that is passed over where it is not there. */
export type HeadToCheck = Pick<StoredHead, "number"> & Partial<Pick<StoredHead, "bytes">>;

/** A batch that was found sound: what its rows weigh, and what was counted of it. */
interface SoundBatch {
  readonly weight: bigint;
  readonly counts: Counts;
}

/**
 * Checks every byte that the given heads name, without schemas and without stopping at the first problem. May check others
 * after that: what of them was found sound before is not read again.
 */
export class Verifier {
  private readonly backend: Backend;
  private readonly compressions: readonly Compression[];
  private readonly options: VerifyOptions;
  private readonly sound = new Map<string, SoundBatch>();
  /** What was read, of whatever heads. */
  private readonly progress = { blocks: 0, bytes: 0 };
  private problems: VerifyProblem[] = [];
  /** The batches that were looked at, and what the rows of each weigh, as far as all can be read. */
  private seen = new Map<string, bigint | undefined>();
  private tables = new Map<string, TableEntries | undefined>();
  private counts: Counts = { ...NOTHING };

  constructor(backend: Backend, compressions: readonly Compression[], options: VerifyOptions) {
    this.backend = backend;
    this.compressions = compressions;
    this.options = options;
  }

  /**
   * Checks heads and all that they name, which must be held. One that is not kept any more, for others have come
   * since, is checked as it was.
   */
  async verify(heads: readonly HeadToCheck[], isKept: (number: number) => boolean): Promise<VerifyReport> {
    this.problems = [];
    this.seen = new Map();
    this.tables = new Map([...this.tables].filter(([, entries]) => entries !== undefined));
    this.counts = { ...NOTHING };
    for (const { number, bytes } of heads) {
      await this.attempt(NOWHERE, async () => {
        const stored = await this.backend.readHead(number);
        if (stored === undefined && isKept(number)) throw damage(`head ${number} is missing`);
        const found = stored?.bytes ?? bytes;
        if (found === undefined) return;
        this.counts.heads++;
        this.counts.bytes += found.length;
        const head = decodeHead(found, number);
        for (const { loan } of head.clones)
          await this.attempt(NOWHERE, async () => {
            decodeLoan(await this.read(loan, describeLoan(loan.value)), loan.value);
          });
        for (const trace of (await this.tracesOf(head)).values()) await this.verifyTrace(head, trace);
      });
    }
    return { isSound: this.problems.length === 0, problems: this.problems, ...this.counts };
  }

  /** The traces of a head; of those that only tables older than a damaged one name, nothing can be told. */
  private async tracesOf(head: Head): Promise<ReadonlyMap<string, HeadTrace>> {
    const found: TableEntries[] = [];
    for (const table of head.tables) {
      if (!this.tables.has(table.value)) {
        this.tables.set(table.value, undefined);
        await this.attempt(NOWHERE, async () => {
          const bytes = await this.read(table, describeTable(table));
          this.tables.set(table.value, decodeTable(bytes, table));
        });
      }
      const entries = this.tables.get(table.value);
      if (entries === undefined) break;
      found.push(entries);
    }
    return tracesOf(head, found);
  }

  private async verifyTrace(head: Head, trace: HeadTrace): Promise<void> {
    let total: bigint | undefined = 0n;
    for (const [at, batch] of trace.batches.entries()) {
      this.checkMarks(head, trace, at, total);
      if (!this.seen.has(batch.id)) await this.lookAt(head, trace, batch);
      const weight = this.seen.get(batch.id);
      total = total === undefined || weight === undefined ? undefined : total + weight;
    }
    this.checkMarks(head, trace, trace.batches.length, total);
    // Rows that stay in memory are in no batch, and what cannot be read is reported already.
    const isTold = this.backend.capabilities.durable && total !== undefined;
    if (!isTold || total === BigInt(trace.totalWeight)) return;
    this.report(
      { trace: trace.name, batch: undefined, block: undefined },
      damage(`its batches weigh ${total}, and head ${head.number} says ${trace.totalWeight}`),
    );
  }

  /** Checks what commits are said to have held whose rows are the first so many batches, which weigh `total`. */
  private checkMarks(head: Head, { name, held }: HeadTrace, count: number, total: bigint | undefined): void {
    for (const { commit, batches, totalWeight } of held) {
      if (batches !== count || total === undefined || total === BigInt(totalWeight)) continue;
      const found = `the ${count} batches that commit ${commit} is held by weigh ${total}`;
      this.report(
        { trace: name, batch: undefined, block: undefined },
        damage(`${found}, and head ${head.number} says ${totalWeight}`),
      );
    }
  }

  private async lookAt(head: Head, trace: HeadTrace, batch: HeadBatch): Promise<void> {
    const { id } = batch;
    const known = this.sound.get(id);
    if (known !== undefined) {
      this.seen.set(id, known.weight);
      for (const name of COUNTED) this.counts[name] += known.counts[name];
      return;
    }
    this.seen.set(id, undefined);
    const { length } = this.problems;
    const before = { ...this.counts };
    const place = { trace: trace.name, batch: id, block: undefined };
    await this.attempt(place, () => this.verifyBatch(head, trace, batch));
    const weight = this.seen.get(id);
    if (weight === undefined || this.problems.length > length) return;
    const counts = { ...this.counts };
    for (const name of COUNTED) counts[name] -= before[name];
    this.sound.set(id, { weight, counts });
  }

  private async verifyBatch(head: Head, trace: HeadTrace, batch: HeadBatch): Promise<void> {
    this.counts.batches++;
    const bytes = await this.read(batch.index, "its index");
    const kinds = Array.from(trace.kinds, (letter): ColumnKind => (letter === "b" ? "binary" : "numeric"));
    const index = decodeFences(decodeIndex(bytes, identityOfBatch(batch.id), "index"), kinds, "index");
    // What hashing and comparing look at; no row is read as a value.
    const layout = { kinds, keyColumns: trace.keyColumns, isTimed: trace.kinds.endsWith("t") };
    let before: Part | undefined;
    let weight = 0n;
    let sound = 0;
    for (let block = 0; block < index.entries.length; block++) {
      const place = { trace: trace.name, batch: batch.id, block };
      await this.attempt(place, async () => {
        const part = await this.verifyBlock(head, layout, index, block);
        if (before !== undefined && compare(before, before.weights.length - 1, part, 0) >= 0)
          throw damage("its first row is not after the last of the block before");
        before = part;
        weight += exactSum(part.weights);
        sound++;
      });
    }
    if (sound === index.entries.length) this.seen.set(batch.id, weight);
    const rows = index.entries.reduce((sum, entry) => sum + entry.rows, 0);
    if (rows !== batch.rows) throw damage(`its index counts ${rows} rows, and the head ${batch.rows}`);
  }

  private async verifyBlock(head: Head, layout: Columns, index: BatchIndex, block: number): Promise<Part> {
    const entry = index.entries[block]!;
    const bytes = await this.read(placeOfBlock(index.values, entry), "its bytes", entry.filterLength);
    this.counts.blocks++;
    this.progress.blocks++;
    const stored = bytes.subarray(0, entry.length);
    const part = decodeBlock(stored, layout.kinds, entry.identity, "block", this.compressions);
    this.counts.rows += part.weights.length;
    checkPart(part, entry);
    if (layout.isTimed === true && (part.least !== entry.least || part.most !== entry.most))
      throw damage("the times of its rows are not those of the index");
    checkFences(part, index, block);
    if (entry.filterLength === 0) return part;
    const filter = decodeFilter(bytes.subarray(entry.length), entry.identity, "filter");
    const hashes = hashKeys(part, layout, head.seed);
    for (const hash of hashes) if (!mayContain(filter, hash)) throw damage("its filter leaves out a key");
    return part;
  }

  private async read(place: StoredBytes, where: string, behind = 0): Promise<Uint8Array> {
    const { signal, onProgress } = this.options;
    throwIfAborted(signal, "the check");
    const bytes = await fetchChecked(this.backend, place, { where, advice: WHAT_TO_DO }, behind);
    this.counts.bytes += bytes.length;
    this.progress.bytes += bytes.length;
    onProgress?.({ ...this.progress });
    return bytes;
  }

  /** Does a part of the check, and reports what it fails with. */
  private async attempt(place: Place, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      // What cannot be read is not known to be damaged.
      if (!isZspineError(error) || !DAMAGE.has(error.code)) throw error;
      this.report(place, error);
    }
  }

  private report(place: Place, { code, message }: ZspineError): void {
    const { trace, batch, block } = place;
    const where = [
      trace === undefined ? "" : `trace ${JSON.stringify(trace)}: `,
      batch === undefined ? "" : `batch ${batch}: `,
      block === undefined ? "" : `block ${block}: `,
    ].join("");
    this.problems.push({ code, message: where + message, ...place });
  }
}

const NOTHING: Counts = { heads: 0, batches: 0, blocks: 0, rows: 0, bytes: 0 };
const COUNTED = Object.keys(NOTHING) as readonly (keyof Counts)[];
const NOWHERE: Place = { trace: undefined, batch: undefined, block: undefined };
const DAMAGE: ReadonlySet<string> = new Set(["ZSPINE_CORRUPT", "ZSPINE_FORMAT", "ZSPINE_DECODE"]);

function damage(message: string): ZspineError {
  return new ZspineError("ZSPINE_CORRUPT", message);
}

function compare(a: Part, i: number, b: Part, j: number): number {
  return compareRows(a, i, b, j, 0, a.columns.length);
}

function checkPart(part: Part, entry: BlockEntry): void {
  const { weights } = part;
  if (weights.length !== entry.rows)
    throw damage(`it has ${weights.length} rows, and the index says ${entry.rows}`);
  if (part.totalWeight !== entry.totalWeight || part.weightBound !== entry.weightBound)
    throw damage("its weights are not those of the index");
  for (let row = 0; row < weights.length; row++) {
    if (weights[row] === 0 || !Number.isSafeInteger(weights[row]))
      throw damage(`row ${row} has weight ${weights[row]}`);
    if (row > 0 && compare(part, row - 1, part, row) >= 0)
      throw damage(`row ${row} is not after row ${row - 1}`);
  }
}

function checkFences(part: Part, { lowers, uppers }: BatchIndex, block: number): void {
  if (compare(lowers, block, part, 0) > 0) throw damage("its first row is below its fence");
  if (compare(uppers, block, part, part.weights.length - 1) < 0)
    throw damage("its last row is above its fence");
}
