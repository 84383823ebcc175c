/**
 * Places between updates that no merge reaches across: each open snapshot, and each commit that waits, holds one.
 * Kept in order, so that what lies at a place is found without looking at all of them.
 */
export class Boundaries {
  private readonly holders = new Map<number, number>();
  /** Ascending. */
  private readonly places: number[] = [];

  /** How many places are held. */
  get size(): number {
    return this.places.length;
  }

  hold(place: number): void {
    const holders = this.holders.get(place) ?? 0;
    this.holders.set(place, holders + 1);
    if (holders > 0) return;
    // Nearly always the last: places are taken as updates come.
    if (place > (this.places.at(-1) ?? -1)) this.places.push(place);
    else this.places.splice(this.firstFrom(place), 0, place);
  }

  /** Lets go of a place once; true when nobody holds it any more. */
  release(place: number): boolean {
    const holders = this.holders.get(place)! - 1;
    if (holders > 0) {
      this.holders.set(place, holders);
      return false;
    }
    this.holders.delete(place);
    this.places.splice(this.firstFrom(place), 1);
    return true;
  }

  /** The last place up to `place`, itself included, that is held; −1 when there is none. */
  lastUpTo(place: number): number {
    return this.places[this.firstFrom(place + 1) - 1] ?? -1;
  }

  /** The first place from `place` on, itself included, that is held; ∞ when there is none. */
  nextFrom(place: number): number {
    return this.places[this.firstFrom(place)] ?? Infinity;
  }

  /** Tells whether a place from `from` to `to`, both included, is held. */
  hasWithin(from: number, to: number): boolean {
    const place = this.places[this.firstFrom(from)];
    return place !== undefined && place <= to;
  }

  /** The places that are held between `from` and `to`, both excluded, ascending. */
  between(from: number, to: number): number[] {
    return this.places.slice(this.firstFrom(from + 1), this.firstFrom(to));
  }

  private firstFrom(place: number): number {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
