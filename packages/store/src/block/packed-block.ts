import type { Compression } from "@zspine/core";
import { DEFLATE } from "@zspine/core/deflate";
import {
  arraysOfPart,
  firstAbove,
  firstNotBelow,
  makePart,
  type Column,
  type ColumnKind,
  type PackedRows,
  type Part,
} from "@zspine/core/engine";
import { checkWeights, openBody, readRows } from "./block.ts";
import { ByteReader } from "./byte-reader.ts";
import { HEADS_AND_TAILS, readLaidOut, withTails } from "./encoding-columns.ts";
import { fewNumbers } from "./few-numbers.ts";
import type { BlockIdentity } from "./identity.ts";
import { STRIDE } from "./block-size.ts";
import { openNumbers, type PackedNumbers } from "./packed-numbers.ts";
import { openText, type PackedText } from "./packed-text.ts";

/**
 * The rows of a block as they are encoded, checked, of which stretches can be read: what look-ups keep of a slot that
 * they want few rows of. Takes about as many bytes as the block, where its part takes several times that, and reading
 * the rows of a key costs O(log rows) and the decoding of {@link STRIDE} rows, and of those of the key.
 */
export class PackedBlock implements PackedRows {
  readonly rows: number;
  readonly bytes: number;
  uses = 0;
  since = 0;
  private readonly kinds: readonly ColumnKind[];
  private readonly where: string;
  private readonly body: Uint8Array;
  private readonly columns: readonly PackedColumn[];
  private readonly weights: PackedNumbers;
  private readonly reader: ByteReader;
  /** The key of every `STRIDE`th row; the weights are none, and there for their number. */
  private readonly samples: Part;

  /**
   * As {@link decodeBlock}; nothing of `bytes` is kept.
   *
   * @param keyColumns How many columns, the first of them, look-ups search by at most.
   */
  constructor(
    bytes: Uint8Array,
    kinds: readonly ColumnKind[],
    keyColumns: number,
    identity: BlockIdentity,
    where: string,
    compressions: readonly Compression[] = [DEFLATE],
  ) {
    const { reader: found, rows } = openBody(bytes, kinds, identity, where, compressions);
    // Bits are read four bytes at a time.
    const memory = new Uint8Array(found.bytes.length + 4);
    memory.set(found.bytes);
    this.body = memory.subarray(0, found.bytes.length);
    const reader = new ByteReader(this.body, where);
    this.reader = reader;
    this.kinds = kinds;
    this.where = where;
    this.rows = rows;
    this.columns = kinds.map((kind) => openColumn(reader, kind, rows));
    this.weights = openNumbers(reader, rows);
    reader.end();
    const count = Math.ceil(rows / STRIDE);
    const keys = this.columns.slice(0, keyColumns).map((column) => column.read(count, 0, STRIDE));
    this.samples = makePart(keys, keys[0]?.heads ?? new Float64Array(count));
    const ofSamples = new Set(arraysOfPart(this.samples));
    const kept = this.columns.reduce((sum, column) => sum + column.bytes, this.weights.bytes);
    this.bytes = memory.length + kept + [...ofSamples].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  around(probe: Part, at: number, columns: number): Part {
    const { samples, rows } = this;
    const known = Math.min(columns, samples.columns.length);
    const first = firstNotBelow(samples, probe, at, known);
    const above = firstAbove(samples, probe, at, known, first);
    return this.read(Math.max(0, first - 1) * STRIDE, Math.min(rows, above * STRIDE + 1));
  }

  whole(): Part {
    return readRows(new ByteReader(this.body, this.where), this.kinds, this.rows);
  }

  /** The first row and the last. */
  ends(): readonly [first: Part, last: Part] {
    const last = this.rows - 1;
    return [this.read(0, 1), this.read(last - (last % STRIDE), this.rows)];
  }

  /** Reads rows `[from, to)`, at least one, of which `from` is a multiple of `STRIDE`. */
  read(from: number, to: number): Part {
    const count = to - from;
    const columns: Column[] = [];
    for (const column of this.columns) columns.push(column.read(count, from, 1));
    const weights = fewNumbers(count);
    this.weights.readInto(weights, from, 1);
    checkWeights(this.reader, weights);
    return makePart(columns, weights);
  }
}

/** A column of which any rows can be read. */
type PackedColumn = PackedText | PackedNumeric;

class PackedNumeric {
  readonly bytes: number;
  private readonly reader: ByteReader;
  private readonly heads: PackedNumbers;
  private readonly tails: PackedNumbers | undefined;

  constructor(reader: ByteReader, heads: PackedNumbers, tails: PackedNumbers | undefined) {
    this.bytes = heads.bytes + (tails?.bytes ?? 0);
    this.reader = reader;
    this.heads = heads;
    this.tails = tails;
  }

  read(count: number, from: number, step: number): Column {
    // Samples stay.
    const heads = step === 1 ? fewNumbers(count) : new Float64Array(count);
    this.heads.readInto(heads, from, step);
    if (this.tails === undefined) return { kind: "numeric", heads, tails: undefined };
    const tails = new Float64Array(count);
    this.tails.readInto(tails, from, step);
    return withTails(this.reader, heads, tails);
  }
}

function openColumn(reader: ByteReader, kind: ColumnKind, rows: number): PackedColumn {
  const found = readLaidOut(reader, kind);
  if (kind === "binary") return openText(reader, rows);
  const heads = openNumbers(reader, rows);
  return new PackedNumeric(reader, heads, found === HEADS_AND_TAILS ? openNumbers(reader, rows) : undefined);
}
