import type { Frontier } from "../../src/frontier/frontier.ts";
import type { Oracle } from "./oracle.ts";

/** What a call of commit makes last. */
export interface CommitState {
  /** In its metadata. */
  readonly n: number;
  readonly oracle: Oracle;
  readonly upper: number;
}

/** What heads say of a trace whatever rows they take. */
export type Edited = Pick<Frontier, "bound" | "keep" | "expiry" | "leastKey" | "holds">;

interface Call extends CommitState {
  /** How many edits there were when it was called. */
  readonly edits: number;
  told: "nothing" | "relaxed" | "sync" | "not done";
}

/**
 * What a store must hold when it is opened next. Heads are in order, and each says a state of rows and upper, which
 * a commit has taken when it was called, and all edits up to some moment after that; so what is found is the state of
 * one commit and a beginning of the edits, no less of either than what was acknowledged: after a power cut as synced.
 */
export class HeadLedger {
  private calls: Call[];
  private edits: Edited[];
  /** How many edits, and which since, an acknowledged head has at least; the same of heads that are synced. */
  private readonly floor = { killed: { edits: 0, since: -Infinity }, cut: { edits: 0, since: -Infinity } };
  private sinceMost: number;

  constructor({ since, ...edited }: Frontier, start: CommitState) {
    this.sinceMost = since;
    this.edits = [edited];
    this.calls = [{ ...start, edits: 0, told: "sync" }];
  }

  get editCount(): number {
    return this.edits.length - 1;
  }

  get lastEdit(): Edited {
    return this.edits.at(-1)!;
  }

  /** The newest state that a commit was called with. */
  get newest(): CommitState {
    return this.calls.at(-1)!;
  }

  /** Whether nobody knows what has become of the newest commit. */
  get isInDoubt(): boolean {
    return this.calls.at(-1)!.told === "nothing";
  }

  /** The state of rows and upper that a commit has made last. */
  stateOf(n: number): CommitState {
    const found = this.calls.find((call) => call.n === n);
    if (found === undefined)
      throw new Error(`found commit ${n}, of ${this.calls.map((call) => call.n).join(", ")}`);
    return found;
  }

  has(n: number): boolean {
    return this.calls.some((call) => call.n === n);
  }

  edited({ bound, keep, expiry, leastKey, holds }: Edited): void {
    this.edits.push({ bound, keep, expiry, leastKey, holds });
  }

  sawSince(since: number): void {
    this.sinceMost = Math.max(this.sinceMost, since);
  }

  /** Notes a call of commit; what it gives is told how it has ended. */
  called(state: CommitState, since: number): (told: Call["told"]) => void {
    const call: Call = { ...state, edits: this.editCount, told: "nothing" };
    this.calls.push(call);
    return (told) => {
      call.told = told;
      if (told === "sync" || told === "relaxed") this.raise(call.edits, since, told);
    };
  }

  /** Notes that a head with so many edits is acknowledged. */
  raise(edits: number, since: number, durability: "relaxed" | "sync"): void {
    const { killed, cut } = this.floor;
    for (const floor of durability === "sync" ? [killed, cut] : [killed]) {
      floor.edits = Math.max(floor.edits, edits);
      floor.since = Math.max(floor.since, since);
    }
  }

  /** Goes on from what was found. @throws when it is nothing that may be there. */
  find(n: number, { since, upper, ...found }: Frontier, isAfterCut: boolean): CommitState {
    const isFloor = ({ told }: Call): boolean => told === "sync" || (!isAfterCut && told === "relaxed");
    const least = this.calls.findLastIndex(isFloor);
    const at = this.calls.findIndex((call) => call.n === n);
    const call = this.calls[at];
    const says = `commit ${n}, since ${since}, upper ${upper}, ${JSON.stringify(found)}`;
    if (call === undefined || at < least || call.told === "not done")
      throw new Error(
        `reopened, found ${says}; commits ${this.calls
          .slice(least)
          .map((one) => `${one.n} ${one.told}`)
          .join(", ")} may be there`,
      );
    if ((upper ?? Infinity) !== call.upper)
      throw new Error(`reopened, found ${says}; upper was ${call.upper}`);
    const floor = isAfterCut ? this.floor.cut : this.floor.killed;
    const from = Math.max(floor.edits, call.edits);
    const text = textOf(found);
    const place = this.edits.findLastIndex((edited) => textOf(edited) === text);
    if (place < from)
      throw new Error(
        `reopened, found ${says}; one of ${this.edits.slice(from).map(textOf).join(" or ")} may be there`,
      );
    if (since < floor.since || since > Math.max(this.sinceMost, floor.since))
      throw new Error(`reopened, found ${says}; since was from ${floor.since} to ${this.sinceMost}`);
    this.calls = [{ ...call, edits: 0, told: "sync" }];
    this.edits = [found];
    for (const one of [this.floor.killed, this.floor.cut]) Object.assign(one, { edits: 0, since });
    this.sinceMost = since;
    return call;
  }
}

function textOf({ bound, keep, expiry, leastKey, holds }: Edited): string {
  const ordered = holds.map(({ name, owner, at, isNew, lease, maxBytes, isExpired }) =>
    [name, owner, at, isNew, lease, maxBytes, isExpired].join(" "),
  );
  return [bound, keep, expiry, JSON.stringify(leastKey), ...ordered].join("; ");
}
