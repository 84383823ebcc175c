import type { SeededRandom } from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import type { CommitSnapshot, Store, Trace } from "../src/index.ts";
import { copyContent, type Content, type State } from "./commit-ledger.ts";
import { DurableModel, textOf, VALUES } from "./durable-model.ts";

type NumberTrace = Trace<number, string>;
const NAMES = ["a", "b", "capped"] as const;

/**
 * Keeps what each commit made last, by the `n` of its metadata, and which commits each hold may have: one, but while it
 * is not known what has become of a call. What is read at a hold is compared with that commit.
 */
export class HoldOracle {
  /** How often a commit was compared that others had followed. */
  compared = 0;
  private readonly contents = new Map<number, Content>([[0, new Map()]]);
  /** Of each name what it may have: what is known, and after it what was called for. */
  private readonly possible = new Map<string, readonly { readonly n: number | undefined }[]>();
  private readonly underWay = new Set<Promise<void>>();
  private readers: { readonly reader: CommitSnapshot; readonly n: number }[] = [];
  private life = 0;

  /** Keeps what a commit is to make last. */
  remember({ n, content }: State): void {
    this.contents.set(n, copyContent(content));
  }

  /** Notes that a trace is gone, and what it held at any commit with it. */
  dropped(name: string): void {
    for (const content of this.contents.values()) content.delete(name);
  }

  /** Takes a reader of the newest commit, which may be held as long as it is open. */
  takeReader(store: Store, random: SeededRandom): void {
    const token = newestOf(store);
    if (token === undefined) return;
    this.readers.push({ reader: store.at(token), n: nOf(store) });
    if (this.readers.length > 3 || random.chance(0.1)) this.readers.shift()!.reader.close();
  }

  /** Calls hold, or lets go of one, and does not wait for it. */
  begin(store: Store, random: SeededRandom): void {
    const name = random.pick(NAMES);
    if (random.chance(0.2)) {
      this.watch(name, undefined, store.release(name));
      return;
    }
    const older = random.chance(0.4) && this.readers.length > 0 ? random.pick(this.readers) : undefined;
    const maxBytes = name === "capped" ? random.pick([0, 500, 5000]) : undefined;
    const held = store.holds().find((hold) => hold.name === name);
    const isBackwards =
      older !== undefined && held?.state === "ok" && older.reader.token < held.token && this.isKnown(name);
    const holding = store.hold(name, { at: older?.reader.token, maxBytes });
    const expected = isBackwards
      ? holding.then(() => Promise.reject(new Error("a hold went back")))
      : holding;
    this.watch(name, older?.n ?? nOf(store), expected);
  }

  async settle(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Hears no more of what is under way, whose process is dead. */
  kill(): void {
    this.life++;
    this.underWay.clear();
    this.readers = [];
  }

  /** Compares what a store that was opened says of holds with what it may. `traces` are those that it found. */
  found(store: Store, traces: readonly string[], names: readonly string[]): void {
    for (const name of names) if (!traces.includes(name)) this.dropped(name);
    for (const name of NAMES) {
      const hold = store.holds().find((one) => one.name === name);
      const n = hold && Number(hold.metadata["n"] ?? 0);
      this.checkMay(name, n);
      this.possible.set(name, [{ n }]);
    }
  }

  /** Reads all holds, and what has changed since, of traces that hold `content` now. */
  async check(
    store: Store,
    traces: ReadonlyMap<string, NumberTrace>,
    content: Content,
    retry: <T>(attempt: () => Promise<T>) => Promise<T>,
  ): Promise<void> {
    for (const name of NAMES) {
      // Asked for each, for another may have expired by a commit that goes on meanwhile.
      const hold = store.holds().find((one) => one.name === name);
      if (hold === undefined) continue;
      const n = Number(hold.metadata["n"] ?? 0);
      this.checkMay(name, n);
      if (name === "capped" && hold.state === "expired") continue;
      using held = store.atHold(name);
      for (const [of, trace] of traces) {
        const before = this.contents.get(n)!.get(of) ?? new DurableModel();
        const now = content.get(of)!;
        using later = trace.snapshot();
        const earlier = held.of(trace);
        same(`${of} at ${n}`, await retry(async () => textOf(await rowsOf(earlier, retry))), before.text());
        same(`weight of ${of} at ${n}`, earlier.totalWeight, before.totalWeight);
        const sum = before.copy();
        const isForwards = this.compared % 2 === 0;
        const changes = await retry(() => (isForwards ? later.loadSince(earlier) : earlier.loadSince(later)));
        for (const { key, value, weight } of changes)
          sum.insert(key, VALUES.indexOf(value as (typeof VALUES)[number]), isForwards ? weight : -weight);
        same(`${of} at ${n} and what changed since`, sum.text(), now.text());
        if (before.text() !== now.text()) this.compared++;
      }
    }
  }

  private isKnown(name: string): boolean {
    return this.mayOf(name).length === 1 && this.underWay.size === 0;
  }

  private mayOf(name: string): readonly { readonly n: number | undefined }[] {
    return this.possible.get(name) ?? [{ n: undefined }];
  }

  private checkMay(name: string, n: number | undefined): void {
    const may = this.mayOf(name);
    if (may.some((one) => one.n === n)) return;
    throw new Error(`hold ${name} is of ${n}, and may be of ${may.map((one) => one.n).join(" or ")}`);
  }

  private watch(name: string, n: number | undefined, call: Promise<unknown>): void {
    const entry = { n };
    this.possible.set(name, [...this.mayOf(name), entry]);
    const { life } = this;
    const done = call.then(
      () => {
        if (life !== this.life) return;
        // Those that were called later may have happened by now, or not.
        const may = this.mayOf(name);
        this.possible.set(name, may.slice(may.indexOf(entry)));
      },
      (error: unknown) => {
        if (life !== this.life) return;
        if (!isZspineError(error)) throw error;
        if (error.determinate)
          this.possible.set(
            name,
            this.mayOf(name).filter((other) => other !== entry),
          );
      },
    );
    this.underWay.add(done);
    void done.then(
      () => this.underWay.delete(done),
      () => undefined,
    );
  }
}

async function rowsOf(
  snapshot: ReturnType<NumberTrace["snapshot"]>,
  retry: <T>(attempt: () => Promise<T>) => Promise<T>,
) {
  return retry(async () => [...snapshot.rows()]);
}

function nOf({ metadata }: Store): number {
  return Number(metadata["n"] ?? 0);
}

/** The token of the newest commit, where there is one: what is greater is none. */
function newestOf(store: Store): number | undefined {
  for (let token = store.stats().head; token > 0; token--) {
    try {
      store.at(token).close();
      return token;
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_INVALID_OPTIONS")) throw error;
    }
  }
  return undefined;
}

function same(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: found ${String(found)}, expected ${String(expected)}`);
}
