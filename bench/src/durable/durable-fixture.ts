import { join } from "node:path";
import type { KeyKind } from "../data/dataset.ts";
import type { OpenTrace } from "../data/fixture.ts";
import { makeFolder, removeFolder } from "./folder.ts";
import { checkTally, openDurable, tallyTrace, type Medium } from "./durable-store.ts";
import { EntryStore } from "./entry-store.ts";
import { columnsOfPiece, RowSource, tallyPiece } from "./rows.ts";
import { Tally } from "./tally.ts";

const PIECE_ROWS = 50_000;

/** Rows of one size and kind of key in stores on disk; each is made when it is asked for. */
export class DurableFixture {
  readonly kind: KeyKind;
  readonly n: number;
  /** What all rows must come to, those that benchmarks have committed since among them. */
  readonly tallies: Readonly<Record<Medium | "classic", Tally>>;
  readonly numbers: Int32Array;
  readonly values: Int32Array;
  private folder: string | undefined;
  private readonly made = new Set<string>();

  constructor(kind: KeyKind, n: number) {
    this.kind = kind;
    this.n = n;
    this.numbers = new Int32Array(n);
    this.values = new Int32Array(n);
    this.tallies = { file: new Tally(kind), level: new Tally(kind), classic: new Tally(kind) };
    const source = new RowSource(kind, n);
    for (let row = 0; row < n; row += PIECE_ROWS) {
      const piece = source.next(Math.min(PIECE_ROWS, n - row));
      this.numbers.set(piece.numbers, row);
      this.values.set(piece.values, row);
      for (const tally of Object.values(this.tallies)) tallyPiece(tally, piece);
    }
  }

  /** Opens the store whose trace holds the rows, merged as far as they are by themselves. */
  async openStore(medium: Medium, cacheBytes?: number): Promise<OpenTrace> {
    const location = this.locationOf(medium);
    if (!this.made.has(medium)) await this.fillStore(medium, location);
    return openDurable(medium, location, this.kind, cacheBytes);
  }

  /** Opens the rows in `classic-level`, an entry each, compacted. */
  async openEntries(): Promise<EntryStore> {
    const location = this.locationOf("classic");
    if (!this.made.has("classic")) await this.fillEntries(location);
    return EntryStore.open(location, this.kind);
  }

  /** Where a store lies. */
  locationOf(name: string): string {
    this.folder ??= makeFolder();
    return join(this.folder, name);
  }

  /** Removes all stores. */
  close(): void {
    if (this.folder !== undefined) removeFolder(this.folder);
    this.folder = undefined;
    this.made.clear();
  }

  private async fillStore(medium: Medium, location: string): Promise<void> {
    const { store, trace } = await openDurable(medium, location, this.kind);
    const source = new RowSource(this.kind, this.n);
    for (let row = 0; row < this.n; row += PIECE_ROWS) {
      const piece = source.next(Math.min(PIECE_ROWS, this.n - row));
      trace.insertBatch(columnsOfPiece(piece, 0, piece.length));
      await store.commit();
    }
    await store.finishMerges();
    await store.flush();
    checkTally(medium, await tallyTrace(this.kind, trace), this.tallies[medium]);
    await store.close();
    this.made.add(medium);
  }

  private async fillEntries(location: string): Promise<void> {
    const store = await EntryStore.open(location, this.kind);
    const source = new RowSource(this.kind, this.n);
    for (let row = 0; row < this.n; row += PIECE_ROWS) {
      const piece = source.next(Math.min(PIECE_ROWS, this.n - row));
      await store.write(piece, 0, piece.length, false);
    }
    await store.sync();
    await store.compact();
    checkTally("classic-level", await store.tally(), this.tallies.classic);
    await store.close();
    this.made.add("classic");
  }
}
