import { isZspineError } from "@zspine/core";
import { copyContent, textOfState, type Content, type State } from "../commit-ledger.ts";

interface Entry {
  readonly state: State;
  /** What its call has told: nothing yet, or nothing certain; or that it is there, with this durability. */
  told: "unknown" | "relaxed" | "sync";
}

/**
 * What a store must hold when it is opened next, in the order of commits: after a power cut the newest that was
 * acknowledged as synced, or any later one; after a killed process the newest that was acknowledged at all, or later.
 */
export class CutLedger {
  private entries: Entry[] = [{ state: { n: 0, content: new Map() }, told: "sync" }];
  private calls = 0;
  private life = 0;
  private readonly underWay = new Set<Promise<void>>();

  /** The newest state that may be there. */
  get newest(): State {
    return this.entries.at(-1)!.state;
  }

  /** Notes what a call would make last. `n` is in the metadata of a commit; a drop has none of its own. */
  watch(
    call: (n: number) => Promise<unknown>,
    content: Content,
    durability: "relaxed" | "sync",
    isCommit = true,
  ): void {
    const n = isCommit ? ++this.calls : this.newest.n;
    const entry: Entry = { state: { n, content: copyContent(content) }, told: "unknown" };
    this.entries.push(entry);
    const { life } = this;
    const done = call(n).then(
      () => {
        if (life === this.life) entry.told = durability;
      },
      (error: unknown) => {
        if (life !== this.life) return;
        if (!isZspineError(error)) throw error;
        // Another commit may have taken the rows of this one with it.
        if (error.determinate && !isCommit) this.entries = this.entries.filter((other) => other !== entry);
      },
    );
    this.underWay.add(done);
    void done.then(
      () => this.underWay.delete(done),
      () => undefined,
    );
  }

  /** Notes that all that was acknowledged is durable. */
  flushed(): void {
    const last = this.entries.findLast(({ told }) => told !== "unknown");
    if (last !== undefined) last.told = "sync";
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Hears no more of what is under way, whose process has ended. */
  kill(): void {
    this.life++;
    this.underWay.clear();
  }

  /** Goes on from what was found, which is durable then. @throws when it is nothing that may be there. */
  find(text: string, isAfterCut: boolean): State {
    const isFloor = ({ told }: Entry): boolean => told === "sync" || (!isAfterCut && told === "relaxed");
    const possible = this.entries.slice(this.entries.findLastIndex(isFloor));
    const found = possible.findLast(({ state }) => textOfState(state) === text);
    if (found === undefined) {
      const expected = possible.map(({ state }) => textOfState(state)).join("\n or ");
      throw new Error(`reopened, found\n    ${text}\nexpected\n    ${expected}`);
    }
    found.told = "sync";
    this.entries = [found];
    return found.state;
  }
}
