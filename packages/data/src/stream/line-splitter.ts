import { refused } from "@zspine/core";

/** A line, without what ends it. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** `undefined` where it cannot be told: see `fault`. */
  readonly text: string | undefined;
  readonly fault: "not UTF-8" | "too long" | undefined;
  /** Where the next line begins: bytes, or units of text where that was given, from the beginning. */
  readonly end: number;
}

/** What a splitter has passed by. */
export interface LinePosition {
  readonly lines: number;
  readonly offset: number;
}

const NEWLINE = 10;
const DECODED_BYTES = 1 << 20;
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Cuts pieces of bytes or text into lines, wherever they are cut. Holds no more than the line that is not whole yet, and of
 * one that is longer than it may be nothing.
 */
export class LineSplitter {
  private lines: number;
  private offset: number;
  /** What is to be passed over before the first line. */
  private skip: number;
  private readonly longest: number;
  private readonly decoder = new TextDecoder("utf-8", { fatal: true });
  private kind: "bytes" | "text" | undefined;
  private rest: (Uint8Array | string)[] = [];
  private restLength = 0;

  /**
   * @param from Where it goes on.
   * @param isThere Whether what comes begins there, and not at the beginning.
   * @param longest Bytes, or units of text, that a line may have.
   */
  constructor(from: LinePosition, isThere: boolean, longest: number) {
    this.lines = from.lines;
    this.offset = from.offset;
    this.skip = isThere ? 0 : from.offset;
    this.longest = longest;
  }

  /** Gives the lines that end in a piece. @throws `ZSPINE_INVALID_OPTIONS` for what is neither bytes nor text as before. */
  *split(piece: unknown): Generator<Line, void, undefined> {
    const given = this.afterSkip(this.checked(piece));
    if (typeof given === "string") yield* this.eachOf(given, 0);
    // However large it is, no more than this is decoded at once.
    else
      for (let from = 0; from < given.length; from += DECODED_BYTES)
        yield* this.splitBytes(given.subarray(from, from + DECODED_BYTES));
  }

  private *splitBytes(bytes: Uint8Array): Generator<Line, void, undefined> {
    let from = 0;
    if (this.restLength > 0) {
      from = bytes.indexOf(NEWLINE) + 1;
      if (from === 0) {
        this.keep(bytes);
        return;
      }
      this.keep(bytes.subarray(0, from - 1));
      yield this.finish(1);
    }
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const texts = end > from ? this.decode([bytes.subarray(from, end)])?.split("\n") : undefined;
    if (texts !== undefined) {
      yield* this.whole(bytes, from, texts);
      from = end;
    }
    yield* this.eachOf(bytes, from);
  }

  /** Gives lines one by one. */
  private *eachOf(piece: Uint8Array | string, start: number): Generator<Line, void, undefined> {
    let from = start;
    for (;;) {
      const at = typeof piece === "string" ? piece.indexOf("\n", from) : piece.indexOf(NEWLINE, from);
      if (at < 0) break;
      this.keep(cut(piece, from, at));
      yield this.finish(1);
      from = at + 1;
    }
    this.keep(cut(piece, from, piece.length));
  }

  /** Gives the last line, where nothing ends it. */
  *end(): Generator<Line, void, undefined> {
    if (this.restLength > 0) yield this.finish(0);
  }

  /**
   * Gives the lines of bytes that were decoded at once: a call of the decoder for each takes as long as all the rest of an
   * import (300,000 lines of 100 bytes: 850 ms of CPU, and so 110).
   */
  private whole(bytes: Uint8Array, from: number, texts: readonly string[]): readonly Line[] {
    const lines: Line[] = [];
    // Nothing stands after the last newline.
    for (let at = 0; at < texts.length - 1; at++) {
      let end = from;
      while (bytes[end] !== NEWLINE) end++;
      const isTooLong = end - from > this.longest;
      this.offset += end + 1 - from;
      from = end + 1;
      lines.push({
        number: ++this.lines,
        end: this.offset,
        text: isTooLong ? undefined : texts[at],
        fault: isTooLong ? "too long" : undefined,
      });
    }
    return lines;
  }

  private checked(piece: unknown): Uint8Array | string {
    const kind = typeof piece === "string" ? "text" : piece instanceof Uint8Array ? "bytes" : undefined;
    this.kind ??= kind;
    if (kind !== undefined && kind === this.kind) return piece as Uint8Array | string;
    throw refused(
      ["input"],
      `pieces of ${this.kind ?? "bytes or text"}`,
      piece,
      "give all as Uint8Array, or all as text",
    );
  }

  private afterSkip(piece: Uint8Array | string): Uint8Array | string {
    const skipped = Math.min(this.skip, piece.length);
    this.skip -= skipped;
    return cut(piece, skipped, piece.length);
  }

  private keep(piece: Uint8Array | string): void {
    this.restLength += piece.length;
    if (this.restLength > this.longest) this.rest = [];
    // A caller may write over its bytes once the next are asked for.
    else if (piece.length > 0) this.rest.push(typeof piece === "string" ? piece : piece.slice());
  }

  private finish(ending: number): Line {
    const { rest, restLength: length } = this;
    this.rest = [];
    this.restLength = 0;
    this.offset += length + ending;
    const number = ++this.lines;
    const line = { number, end: this.offset };
    if (length > this.longest) return { ...line, text: undefined, fault: "too long" };
    const text = this.kind === "text" ? rest.join("") : this.decode(rest as Uint8Array[]);
    if (text === undefined) return { ...line, text, fault: "not UTF-8" };
    const isMarked = number === 1 && text.startsWith(BYTE_ORDER_MARK);
    return { ...line, text: isMarked ? text.slice(1) : text, fault: undefined };
  }

  private decode(pieces: readonly Uint8Array[]): string | undefined {
    try {
      return this.decoder.decode(joined(pieces));
    } catch {
      return undefined;
    }
  }
}

function cut(piece: Uint8Array | string, from: number, to: number): Uint8Array | string {
  return typeof piece === "string" ? piece.slice(from, to) : piece.subarray(from, to);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
