type Edit<S> = (state: S) => S;

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
  private readonly held = new Map<number, S>();
  /** Edits that no head says yet; of them those that the commit in flight has taken come first. */
  private edits: Edit<S>[] = [];
  private editsTaken = 0;

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
  edit(edit: Edit<S>): void {
    this.now = edit(this.now);
    for (const [place, state] of this.held) this.held.set(place, edit(state));
    this.edits.push(edit);
  }

  /** Remembers it at a place; nothing else is told at one that is held, see `Intake.part`. */
  hold(place: number): void {
    this.held.set(place, this.now);
  }

  release(place: number): void {
    this.held.delete(place);
  }

  /** Notes that a commit has taken what is below a place that is held. */
  take(place: number): void {
    this.begin(this.held.get(place)!);
  }

  /** Notes that a head names the trace which takes nothing of it but what was edited. */
  takeEdits(): void {
    this.begin(this.edits.reduce((state, edit) => edit(state), this.committed));
  }

  /** Notes how the commit has ended. */
  settle(isCommitted: boolean): void {
    if (isCommitted) {
      this.committed = this.takenNow;
      this.edits = this.edits.slice(this.editsTaken);
    } else this.takenNow = this.committed;
    this.editsTaken = 0;
  }

  /** Goes back to what it was at a place, that of the last commit which waits, or to what commits have taken. */
  discard(place: number | undefined): void {
    if (place !== undefined) this.now = this.held.get(place)!;
    else this.now = this.edits.slice(this.editsTaken).reduce((state, edit) => edit(state), this.takenNow);
  }

  private begin(taken: S): void {
    this.takenNow = taken;
    this.editsTaken = this.edits.length;
  }
}
