type Edit<S> = (state: S) => S;

/** An edit that no head says yet. */
interface Edited<S> {
  readonly edit: Edit<S>;
  /** Counts edits. */
  readonly number: number;
  /** Whether it is taken back with rows that are discarded. */
  readonly isDiscarded: boolean;
}

/** What was told at a place, with all edits up to one. */
interface HeldState<S> {
  readonly state: S;
  readonly edited: number;
}

/**
 * What a trace tells of itself in heads besides its rows, on its way through commits. What is **told** goes with the
 * rows: a commit takes what was told when it was called. An **edit** has nothing to do with rows: it is in the next head,
 * whatever that takes. Values of `S` are immutable; two are the same when they are one object.
 */
export class ToldState<S> {
  /** As it is now, and as commits have acknowledged it. */
  now: S;
  committed: S;
  /** As the commit in flight has taken it. */
  private takenNow: S;
  private readonly held = new Map<number, HeldState<S>>();
  /** Edits that no head says yet; of them those that the commit in flight has taken come first. */
  private edits: Edited<S>[] = [];
  private editsTaken = 0;
  private count = 0;

  constructor(found: S) {
    this.now = found;
    this.committed = found;
    this.takenNow = found;
  }

  /** What a head that is being made says. */
  get taken(): S {
    return this.takenNow;
  }

  /** Whether it has changed since a commit has acknowledged it. */
  get isUncommitted(): boolean {
    return this.now !== this.committed;
  }

  /** Takes over what a newer head says, of a store that only reads. */
  renew(found: S): void {
    this.now = found;
    this.committed = found;
    this.takenNow = found;
  }

  /** Whether there are edits that no head says yet. */
  get isEdited(): boolean {
    return this.edits.length > 0;
  }

  /** Edits it, in whatever is to be committed. An edit that changes nothing gives what it was given. */
  edit(edit: Edit<S>, isDiscarded = false): void {
    this.now = edit(this.now);
    this.edits.push({ edit, number: ++this.count, isDiscarded });
  }

  /** Remembers it at a place; nothing else is told at one that is held, see `Intake.part`. */
  hold(place: number): void {
    this.held.set(place, { state: this.now, edited: this.count });
  }

  release(place: number): void {
    this.held.delete(place);
  }

  /** Notes that a commit has taken what is below a place that is held. */
  take(place: number): void {
    this.begin(edited(this.held.get(place)!, this.edits).state);
  }

  /** Notes that a head names the trace which takes nothing of it but what was edited. */
  takeEdits(): void {
    this.begin(edited({ state: this.committed, edited: 0 }, this.edits).state);
  }

  /** Notes how the commit has ended. */
  settle(isCommitted: boolean): void {
    if (isCommitted) {
      this.committed = this.takenNow;
      const done = this.edits.slice(0, this.editsTaken);
      for (const [place, held] of this.held) this.held.set(place, edited(held, done));
      this.edits = this.edits.slice(this.editsTaken);
    } else this.takenNow = this.committed;
    this.editsTaken = 0;
  }

  /**
   * Goes back to what it was at a place, that of the last commit which waits, or to what commits have taken; edits stay,
   * but those that are taken back with rows and that neither that commit nor the head in flight covers.
   */
  discard(place: number | undefined): void {
    const held = place === undefined ? { state: this.takenNow, edited: 0 } : this.held.get(place)!;
    this.edits = this.edits.filter(
      ({ isDiscarded, number }, at) => !isDiscarded || at < this.editsTaken || number <= held.edited,
    );
    const left = place === undefined ? this.edits.slice(this.editsTaken) : this.edits;
    this.now = edited(held, left).state;
  }

  private begin(taken: S): void {
    this.takenNow = taken;
    this.editsTaken = this.edits.length;
  }
}

/** Does to what was held the edits that have come since. */
function edited<S>(held: HeldState<S>, edits: readonly Edited<S>[]): HeldState<S> {
  let { state, edited: last } = held;
  for (const { edit, number } of edits) {
    if (number <= held.edited) continue;
    state = edit(state);
    last = number;
  }
  return { state, edited: last };
}
