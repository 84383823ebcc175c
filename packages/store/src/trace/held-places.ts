import type { HeadMark } from "../head/head.ts";
import type { SpineEntry } from "../merge/spine.ts";

/** The stages of a trace, as far as places in them are held. */
interface HeldStages {
  /** The place of the first row that a head names, and that below which commits have acknowledged everything. */
  readonly place: number;
  readonly committedPlace: number;
  readonly committed: { readonly entries: readonly SpineEntry[] };
  readonly weights: { readonly committed: number; at(place: number): number };
  hold(place: number, total: number): void;
  release(place: number): void;
}

/**
 * The places of a trace up to which commits that are held had acknowledged it. No merge reaches across them, so what a
 * commit held is the sum of the oldest batches, however those are merged, and what came later that of the others.
 */
export class HeldPlaces {
  private readonly stages: HeldStages;
  private places = new Map<number, number>();

  constructor(stages: HeldStages) {
    this.stages = stages;
  }

  /** Takes over what a head says that commits held, before the batches from now on are those that it names. */
  takeFound(marks: readonly HeadMark[]): void {
    const before = this.places;
    this.places = new Map();
    const { stages } = this;
    for (const { commit, batches, totalWeight } of marks)
      this.put(commit, stages.place + batches, totalWeight);
    for (const place of before.values()) stages.release(place);
  }

  /** Holds what commits have acknowledged by now, for a commit; once for each. */
  mark(commit: number): void {
    const { committedPlace, weights } = this.stages;
    if (!this.places.has(commit)) this.put(commit, committedPlace, weights.committed);
  }

  /** Gives the place of a commit, which is not held for it any more: it is to be released. */
  take(commit: number): number | undefined {
    const place = this.places.get(commit);
    this.places.delete(commit);
    return place;
  }

  placeOf(commit: number): number | undefined {
    return this.places.get(commit);
  }

  /** Tells whether commits have acknowledged more since. */
  isPassed(commit: number): boolean {
    return (this.places.get(commit) ?? Infinity) < this.stages.committedPlace;
  }

  /** What a head says of those commits of which it names more batches by now; `added` of them by rows of its own. */
  describe(commits: Iterable<number>, added: number): HeadMark[] {
    const { committed, weights } = this.stages;
    const marks: HeadMark[] = [];
    for (const commit of commits) {
      const place = this.places.get(commit);
      if (place === undefined) continue;
      const batches = countUpTo(place, committed.entries);
      if (batches < committed.entries.length + added)
        marks.push({ commit, batches, totalWeight: weights.at(place) });
    }
    return marks.sort((a, b) => a.commit - b.commit);
  }

  /** Bytes of the batches that have come after a commit. */
  bytesSince(commit: number): number {
    const { entries } = this.stages.committed;
    const place = this.places.get(commit);
    if (place === undefined) return 0;
    return entries
      .slice(countUpTo(place, entries))
      .reduce((bytes, { batch, file }) => bytes + (file?.head.bytes ?? batch.columnBytes), 0);
  }

  private put(commit: number, place: number, total: number): void {
    this.places.set(commit, place);
    this.stages.hold(place, total);
  }
}

/** Counts the batches below a place, which none of them reaches across. */
function countUpTo(place: number, entries: readonly SpineEntry[]): number {
  const first = entries.findIndex(({ upper }) => upper > place);
  return first === -1 ? entries.length : first;
}
