import {
  ReferenceZSet,
  assert,
  assertEqual,
  assertSame,
  canonicalText,
  chaos,
  type ChaosBackend,
  type ChaosOptions,
} from "@zspine/conformance";
import { isZspineError, type Backend } from "@zspine/core";
import { readChunks, tripleOf } from "../sample/content.ts";
import { NUMBERS, type NumberTrace, type StoreFixture } from "../suite/store-fixture.ts";
import type { Store } from "@zspine/store";

type Model = Map<string, ReferenceZSet<number, string>>;

/** What a commit makes last. */
interface State {
  readonly content: Model;
  readonly metadata: unknown;
}

/** How a run ends: its backend becomes sound and it goes on, or its process is killed. */
export type RunEnd = "heal" | "crash";

/**
 * A course of creates, inserts, commits, reads, discards and drops on a store whose backend fails by plan,
 * beside a model of what must be there. After an error the store must go on, or say each time that it does
 * not; what it holds is what the model says, and what it has acknowledged stays: also, where the backend is
 * durable, for a store that is opened there next.
 */
export class FaultyRun {
  readonly #fixture: StoreFixture;
  readonly #options: ChaosOptions;
  readonly #end: RunEnd;
  #backend: ChaosBackend | undefined;
  #store!: Store;
  #traces = new Map<string, NumberTrace>();
  /** What reads must show: all that was inserted and not discarded. */
  #content: Model = new Map();
  /** What was acknowledged last, and after it what is in doubt: one of these is what discard() goes back to. */
  #states: [State, ...State[]] = [{ content: new Map(), metadata: {} }];
  #step = 0;

  constructor(fixture: StoreFixture, options: ChaosOptions, end: RunEnd = "heal") {
    this.#fixture = fixture;
    this.#options = options;
    this.#end = end;
  }

  /** How many calls of the backend there were. */
  get calls(): number {
    return this.#backend?.calls.length ?? 0;
  }

  /** Runs to the end; throws at the first answer that is wrong. */
  async run(what: string): Promise<void> {
    const wrap = (backend: Backend): Backend => (this.#backend = chaos(backend, this.#options));
    const place = this.#fixture.newPlace();
    try {
      this.#store = await this.#fixture.open({ wrap, stagingRows: 3 }, place);
    } catch (error) {
      // The store says that it cannot be opened, and that is all there is to it.
      assert(isZspineError(error, "ZSPINE_IO"), `${what}: opening fails with ${String(error)}`);
      return;
    }
    try {
      await this.#steps();
      if (this.#end === "heal") {
        await this.#healed();
        await this.#store.close();
      } else await this.#fixture.crash(place);
      if (this.#fixture.capabilities.durable) await this.#reopened(place);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${what}, step ${this.#step}: ${why}`, { cause });
    }
  }

  /** What the next store finds is what was acknowledged last, or what is in doubt since then. */
  async #reopened(place: string): Promise<void> {
    const store = await this.#fixture.open({}, place);
    const found = new Map<string, unknown>();
    for (const name of store.traces) {
      const rows = (await readChunks(await store.trace(name, NUMBERS))).map(tripleOf);
      if (rows.length > 0) found.set(name, rows);
    }
    const shown = (content: Model): unknown =>
      new Map(
        Array.from(content, ([name, rows]) => [name, rows.rows().map(tripleOf)] as const).filter(
          ([, rows]) => rows.length > 0,
        ),
      );
    const text = canonicalText([store.metadata, found]);
    const isKnown = this.#states.some(
      (state) => canonicalText([state.metadata, shown(state.content)]) === text,
    );
    if (!isKnown) {
      const [{ metadata, content }] = this.#states;
      assertEqual(
        [store.metadata, found],
        [metadata, shown(content)],
        "what is found when it is opened again",
      );
    }
    const { isSound, problems } = await store.verify();
    assert(isSound, `verify() of what is opened again finds ${canonicalText(problems)}`);
    await store.close();
  }

  async #steps(): Promise<void> {
    await this.#create("a");
    await this.#create("b");
    this.#insert("a", [1, 2, 3, 1]);
    await this.#commit();
    this.#insert("b", [1, 2]);
    this.#insert("a", [1], -2);
    await this.#commit();
    await this.#commitTogether();
    this.#insert("a", [4, 5]);
    await this.#discard();
    this.#insert("b", [7]);
    await this.#commit();
    await this.#create("c");
    this.#insert("c", [1, 2, 3, 4, 5]);
    await this.#drop("b");
    await this.#discard();
    this.#insert("c", [9]);
    await this.#commit();
    await this.#compact();
    await this.#check();
    await this.#commit();
  }

  /** The backend is sound again: the store commits everything, or says that it cannot any more. */
  async #healed(): Promise<void> {
    this.#backend!.heal();
    this.#insert("a", [6]);
    const isCommitted = await this.#commit();
    if (!isCommitted) return;
    assertSame(this.#store.discard(), 0, "rows that no commit has taken, once the backend is sound");
    await this.#check();
  }

  /** Over a durable backend merging writes, and can fail as a commit does; the rows are where they were. */
  async #compact(): Promise<void> {
    try {
      await this.#store.compact();
    } catch (error) {
      assert(isIoFailure(error), `compact() fails with ${String(error)}`);
    }
  }

  async #create(name: string): Promise<void> {
    this.#traces.set(name, await this.#store.trace(name, { ...NUMBERS, create: true }));
    this.#content.set(name, newModel());
  }

  #insert(name: string, keys: readonly number[], weight = 1): void {
    for (const key of keys) {
      this.#traces.get(name)?.insert(key, `v${key % 2}`, weight);
      this.#content.get(name)?.insert(key, `v${key % 2}`, weight);
    }
  }

  /** Tells whether it was acknowledged. */
  async #commit(): Promise<boolean> {
    const metadata = { step: ++this.#step };
    const state = { metadata, content: copy(this.#content) };
    const isCommitted = await this.#attempt(this.#store.commit({ metadata }), state);
    await this.#check();
    return isCommitted;
  }

  async #commitTogether(): Promise<void> {
    const attempts: Promise<boolean>[] = [];
    for (const key of [10, 11, 12]) {
      this.#insert("a", [key]);
      const metadata = { step: ++this.#step };
      const state = { metadata, content: copy(this.#content) };
      attempts.push(this.#attempt(this.#store.commit({ metadata }), state));
    }
    await Promise.all(attempts);
    await this.#check();
  }

  async #attempt(commit: Promise<number>, state: State): Promise<boolean> {
    try {
      await commit;
    } catch (error) {
      assert(isIoFailure(error), `commit() fails with ${String(error)}`);
      if (isZspineError(error) && !error.determinate) this.#states.push(state);
      return false;
    }
    // A drop that was in doubt has been found out about by now.
    for (const name of state.content.keys()) if (!this.#store.has(name)) state.content.delete(name);
    this.#states = [state];
    return true;
  }

  async #discard(): Promise<void> {
    this.#step++;
    this.#store.discard();
    const found = await this.#read();
    if (found === undefined) return this.#discardUnseen();
    const state = this.#states.find(
      ({ content }) => canonicalText(this.#shown(content)) === canonicalText(found),
    );
    if (state === undefined)
      assertEqual(found, this.#shown(this.#states[0].content), "what discard() goes back to");
    for (const name of this.#content.keys()) {
      this.#content.set(name, state?.content.get(name)?.snapshot() ?? newModel());
    }
    await this.#check();
  }

  /** Where rows cannot be read, what discard() went back to is told by the total weights, and by the metadata. */
  #discardUnseen(): void {
    const metadata = canonicalText(this.#store.metadata);
    const likely = this.#states.filter(({ content }) =>
      this.#names().every(
        (name) => this.#traces.get(name)!.totalWeight === (content.get(name)?.totalWeight() ?? 0),
      ),
    );
    const state =
      likely.find((known) => canonicalText(known.metadata) === metadata) ?? likely[0] ?? this.#states[0];
    for (const name of this.#content.keys())
      this.#content.set(name, state.content.get(name)?.snapshot() ?? newModel());
  }

  async #drop(name: string): Promise<void> {
    this.#step++;
    try {
      await this.#store.drop(name);
    } catch (error) {
      assert(isIoFailure(error), `drop() fails with ${String(error)}`);
      if (isZspineError(error) && !error.determinate) this.#doubtDrop(name);
      await this.#check();
      return;
    }
    for (const { content } of [{ content: this.#content }, ...this.#states]) content.delete(name);
    this.#traces.delete(name);
    assertSame(this.#store.has(name), false, "has() of a trace that was dropped");
    await this.#check();
  }

  /** A drop in doubt may turn out to have happened, and with it what was in doubt before. */
  #doubtDrop(name: string): void {
    const dropped = this.#states.map(({ metadata, content }) => {
      const rest = copy(content);
      rest.delete(name);
      return { metadata, content: rest };
    });
    this.#states.push(...dropped);
  }

  async #check(): Promise<void> {
    const found = await this.#read();
    if (found !== undefined) assertEqual(found, this.#shown(this.#content), "rows of all traces");
    for (const name of this.#names()) {
      const expected = this.#content.get(name)?.totalWeight() ?? 0;
      assertSame(this.#traces.get(name)!.totalWeight, expected, `totalWeight of ${name}`);
    }
    const metadata = canonicalText(this.#store.metadata);
    const isKnown = this.#states.some((state) => canonicalText(state.metadata) === metadata);
    assert(isKnown, `metadata is of no commit that was acknowledged or is in doubt: ${metadata}`);
  }

  /** The traces that there are: a drop in doubt may turn out to have happened. */
  #names(): string[] {
    return [...this.#traces.keys()].filter((name) => this.#store.has(name));
  }

  /** Reads all traces; `undefined` where the backend fails, as far as rows are read from it. */
  async #read(): Promise<unknown> {
    const rows: unknown[] = [];
    try {
      for (const name of this.#names()) rows.push((await readChunks(this.#traces.get(name)!)).map(tripleOf));
    } catch (error) {
      assert(this.#fixture.readsMedium && isIoFailure(error), `a read fails with ${String(error)}`);
      return undefined;
    }
    return rows;
  }

  #shown(content: Model): unknown {
    return this.#names().map((name) => content.get(name)?.rows().map(tripleOf) ?? []);
  }
}

function isIoFailure(error: unknown): boolean {
  return isZspineError(error, "ZSPINE_IO") || isZspineError(error, "ZSPINE_CONFLICT");
}

function newModel(): ReferenceZSet<number, string> {
  return new ReferenceZSet<number, string>({
    compareKeys: (a, b) => a - b,
    compareValues: (a, b) => Number(a > b) - Number(a < b),
  });
}

function copy(model: Model): Model {
  return new Map(Array.from(model, ([name, rows]) => [name, rows.snapshot()]));
}
