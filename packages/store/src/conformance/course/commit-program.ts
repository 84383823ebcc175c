import {
  ReferenceZSet,
  assert,
  assertEqual,
  assertSame,
  canonicalText,
  type SeededRandom,
} from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import { readChunks, tripleOf, triplesOf } from "../sample/content.ts";
import { NUMBERS, type NumberTrace, type StoreFixture } from "../suite/store-fixture.ts";
import type { Snapshot, Store } from "@zspine/store";

/** The rows of each trace. */
type Content = readonly [ReferenceZSet<number, string>, ReferenceZSet<number, string>];

/** A call of commit: what it is to make last, and what discards showed while it was under way. */
interface CommitCall {
  readonly number: number;
  readonly content: Content;
  readonly metadata: unknown;
  readonly discards: { readonly found: string; readonly calls: number }[];
}

/**
 * Random commits that are not waited for, with inserts, discards, merges and snapshots between them, over a
 * backend that may fail. A commit that is acknowledged has made last what was there when it was called,
 * whatever was discarded meanwhile; one that failed has lost nothing.
 */
export class CommitProgram {
  readonly #fixture: StoreFixture;
  readonly #random: SeededRandom;
  readonly #store: Store;
  #traces: readonly NumberTrace[] = [];
  #content: Content = [newModel(), newModel()];
  #acknowledged: CommitCall;
  /** Calls whose outcome is not known. */
  #doubts: CommitCall[] = [];
  readonly #underWay = new Map<CommitCall, Promise<void>>();
  #snapshots: { readonly snapshot: Snapshot<number, string>; readonly shown: string }[] = [];
  #calls = 0;

  constructor(fixture: StoreFixture, random: SeededRandom, store: Store) {
    this.#fixture = fixture;
    this.#random = random;
    this.#store = store;
    this.#acknowledged = { number: 0, content: copy(this.#content), metadata: {}, discards: [] };
  }

  /** Runs to the end; `heal` ends all faults before the last steps. */
  async run(steps: number, heal: () => void): Promise<void> {
    this.#traces = [await this.#store.trace("a", NUMBERS), await this.#store.trace("b", NUMBERS)];
    const actions = [
      this.#insert,
      this.#insert,
      this.#insert,
      this.#commit,
      this.#commit,
      this.#discard,
      this.#wait,
      this.#wait,
      this.#settle,
      this.#merge,
      this.#check,
      this.#takeSnapshot,
    ];
    for (let step = 1; step <= steps; step++) {
      try {
        await this.#random.pick(actions).call(this);
      } catch (cause) {
        throw new Error(`step ${step}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    }
    heal();
    this.#commit();
    await this.#settle();
    assertSame(this.#store.discard(), 0, "rows that no commit has taken, once the backend is sound");
    await this.#check();
    for (const { snapshot } of this.#snapshots) snapshot.close();
    assertEqual(
      this.#traces.map((trace) => trace.stats().boundaries),
      [0, 0],
      "boundaries at the end",
    );
  }

  #insert(): void {
    const random = this.#random;
    for (let count = random.int(1, 3); count > 0; count--) {
      const at = random.int(0, 1);
      const [key, weight] = [random.int(0, 5), random.int(-2, 3)];
      this.#traces[at]!.insert(key, "v", weight);
      this.#content[at]!.insert(key, "v", weight);
    }
  }

  /** Calls commit, and does not wait for it. */
  #commit(): void {
    const number = ++this.#calls;
    const call: CommitCall = { number, content: copy(this.#content), metadata: { number }, discards: [] };
    const done = this.#store.commit({ metadata: { number } }).then(
      () => this.#acknowledge(call),
      (error: unknown) => this.#fail(call, error),
    );
    this.#underWay.set(call, done);
  }

  #acknowledge(call: CommitCall): void {
    this.#underWay.delete(call);
    this.#acknowledged = call;
    this.#doubts = [];
    const shown = canonicalText(rowsOf(call.content));
    for (const { found, calls } of call.discards) {
      // Another call may have come before the discard, and have covered more.
      const isCovered = found === shown || calls > call.number;
      assert(
        isCovered,
        `discard() dropped rows of commit ${call.number}, which was acknowledged: found ${found}`,
      );
    }
  }

  #fail(call: CommitCall, error: unknown): void {
    this.#underWay.delete(call);
    assert(isZspineError(error, "ZSPINE_IO"), `commit() fails with ${String(error)}`);
    if (!error.determinate) this.#doubts.push(call);
  }

  async #discard(): Promise<void> {
    const underWay = [...this.#underWay.keys()];
    this.#store.discard();
    const content = this.#readNow();
    const found = canonicalText(content);
    for (const call of underWay) call.discards.push({ found, calls: this.#calls });
    const states = [this.#acknowledged, ...this.#doubts, ...underWay];
    const state = states.find((candidate) => canonicalText(rowsOf(candidate.content)) === found);
    if (state === undefined)
      assertEqual(content, rowsOf(this.#acknowledged.content), "what discard() goes back to");
    else this.#content = copy(state.content);
    await this.#check();
  }

  async #wait(): Promise<void> {
    if (this.#random.chance(0.3)) await this.#fixture.turn();
    else await this.#fixture.microtasks(this.#random.int(1, 9));
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#underWay.values());
    await this.#check();
  }

  async #merge(): Promise<void> {
    try {
      await (this.#random.chance(0.5) ? this.#store.compact() : this.#store.finishMerges());
    } catch (error) {
      // Over a durable backend merging writes, and can fail as a commit does.
      const isFault = this.#fixture.readsMedium && isZspineError(error, "ZSPINE_IO");
      assert(isFault, `merging fails with ${String(error)}`);
    }
    await this.#check();
  }

  #takeSnapshot(): void {
    const trace = this.#random.pick(this.#traces);
    const snapshot = trace.snapshot();
    this.#snapshots.push({ snapshot, shown: canonicalText(triplesOf(snapshot)) });
    if (this.#snapshots.length > 3) this.#snapshots.shift()!.snapshot.close();
  }

  async #check(): Promise<void> {
    const expected = rowsOf(this.#content);
    assertEqual(this.#readNow(), expected, "rows of snapshots");
    const read = await Promise.all(this.#traces.map((trace) => readChunks(trace)));
    assertEqual(
      read.map((rows) => rows.map(tripleOf)),
      expected,
      "rows",
    );
    for (const [at, trace] of this.#traces.entries()) {
      assertSame(trace.totalWeight, this.#content[at]!.totalWeight(), `totalWeight of ${trace.name}`);
    }
    for (const { snapshot, shown } of this.#snapshots) {
      assertSame(canonicalText(triplesOf(snapshot)), shown, "rows of a snapshot that is held");
    }
    const known = [this.#acknowledged, ...this.#doubts, ...this.#underWay.keys()];
    const metadata = canonicalText(this.#store.metadata);
    const isKnown = known.some((call) => canonicalText(call.metadata) === metadata);
    assert(isKnown, `metadata is of no commit that was acknowledged or may have been: ${metadata}`);
  }

  /** Reads at once, so that nothing can come between. */
  #readNow(): unknown {
    return this.#traces.map((trace) => {
      const snapshot = trace.snapshot();
      const rows = triplesOf(snapshot);
      snapshot.close();
      return rows;
    });
  }
}

function newModel(): ReferenceZSet<number, string> {
  return new ReferenceZSet<number, string>({
    compareKeys: (a, b) => a - b,
    compareValues: (a, b) => Number(a > b) - Number(a < b),
  });
}

function copy([a, b]: Content): Content {
  return [a.snapshot(), b.snapshot()];
}

function rowsOf(content: Content): unknown {
  return content.map((model) => model.rows().map(tripleOf));
}
