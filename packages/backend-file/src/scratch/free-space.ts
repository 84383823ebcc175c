/** A stretch of bytes in a file. */
interface Hole {
  offset: number;
  length: number;
}

/**
 * Which bytes of a file of a bounded size are free: before its end what was given back, first fit, and then what comes
 * after. Invariant: holes ascend, none touches another or the end.
 */
export class FreeSpace {
  /** How many bytes the file may have. */
  readonly capacity: number;
  /** Bytes that are taken. */
  used = 0;
  private readonly holes: Hole[] = [];
  private end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Takes so many bytes; gives where they begin, `undefined` when there are not so many in one piece. */
  take(length: number): number | undefined {
    const at = this.holes.findIndex((hole) => hole.length >= length);
    const hole = this.holes[at];
    const offset = hole?.offset ?? this.end;
    if (hole === undefined) {
      if (this.end + length > this.capacity) return undefined;
      this.end += length;
    } else if (hole.length === length) this.holes.splice(at, 1);
    else {
      hole.offset += length;
      hole.length -= length;
    }
    this.used += length;
    return offset;
  }

  /** Gives back what was taken. */
  give(offset: number, length: number): void {
    const { holes } = this;
    this.used -= length;
    const found = holes.findIndex((hole) => hole.offset > offset);
    const at = found === -1 ? holes.length : found;
    const before = holes[at - 1];
    const after = holes[at];
    let hole = { offset, length };
    if (before !== undefined && before.offset + before.length === offset) {
      before.length += length;
      hole = before;
    } else holes.splice(at, 0, hole);
    if (after !== undefined && hole.offset + hole.length === after.offset) {
      hole.length += after.length;
      holes.splice(holes.indexOf(after), 1);
    }
    if (hole.offset + hole.length !== this.end) return;
    this.end = hole.offset;
    holes.pop();
  }
}
