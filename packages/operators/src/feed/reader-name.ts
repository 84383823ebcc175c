import { ZspineError } from "@zspine/core";
import type { CommitSnapshot, Store } from "@zspine/store";
import type { FeedOptions } from "./feed-options.ts";

/** Who reads by which name, in this process. */
const readers = new WeakMap<Store, Map<string, ReaderName>>();

/**
 * How far the reader of a name has come, as the store keeps it: a hold of the commit up to which it has acknowledged changes,
 * and one of that up to which they were delivered. So a reader may go on from either, whatever was lost on the way to it.
 */
export class ReaderName {
  /** Fires when another reader has taken the name over. */
  readonly taken: AbortController = new AbortController();
  private readonly store: Store;
  private readonly name: string;
  private readonly terms: Pick<FeedOptions, "lease" | "maxBytes">;

  /** Takes the name over. */
  constructor(store: Store, name: string, { lease, maxBytes }: FeedOptions) {
    this.store = store;
    this.name = name;
    this.terms = { lease, maxBytes };
    // Asked first, for it throws when the store is closed, and for what is no name.
    store.has(this.next);
    const ofStore = readers.get(store) ?? new Map<string, ReaderName>();
    readers.set(store, ofStore);
    ofStore.get(name)?.taken.abort();
    ofStore.set(name, this);
  }

  /** Opens the commit after which the reader goes on; `undefined` where that is the beginning. */
  async begin(from: number | undefined): Promise<CommitSnapshot | undefined> {
    const { store, name, next } = this;
    const held = new Map(store.holds().map((hold) => [hold.name, hold.token]));
    if (from === undefined) return held.has(name) ? store.atHold(name) : undefined;
    if (from === 0) return undefined;
    if (held.get(name) === from) return store.atHold(name);
    const reader = held.get(next) === from ? store.atHold(next) : store.at(from);
    await this.acknowledge(from);
    return reader;
  }

  /** Holds what is delivered now: before the reader has it. */
  async deliver(token: number): Promise<void> {
    this.check();
    await this.store.hold(this.next, { at: token, ...this.terms });
  }

  /** Notes what the reader has. */
  async acknowledge(token: number): Promise<void> {
    this.check();
    await this.store.hold(this.name, { at: token, ...this.terms });
  }

  /** @throws `ZSPINE_CONFLICT` when another reader has the name. */
  check(): void {
    if (!this.taken.signal.aborted) return;
    throw new ZspineError(
      "ZSPINE_CONFLICT",
      `another reader has taken over the feed ${JSON.stringify(this.name)}; one at a time has a name`,
    );
  }

  /** Lets another have the name. */
  end(): void {
    const ofStore = readers.get(this.store);
    if (ofStore?.get(this.name) === this) ofStore.delete(this.name);
  }

  private get next(): string {
    return `${this.name}/next`;
  }
}
