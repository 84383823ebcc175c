import {
  systemEnvironment,
  turn,
  type Backend,
  type Cancel,
  type Capabilities,
  type Environment,
} from "@zspine/core";
import { z } from "zod";
import { AssertionFailure } from "../assertion/assertion.ts";
import { SeededRandom } from "../random/seeded-random.ts";
import type { StoreOptionsUnderTest, StoreUnderTest, TraceUnderTest } from "./store-under-test.ts";

/** What the suite is told of the store that it is to prove. */
export interface StoreSuiteOptions {
  /** What the backend beneath declares; it decides which cases apply. */
  readonly capabilities: Capabilities;
  /**
   * Opens a store over a backend with nothing in it, and passes the options on:
   * `open: (options) => openStore({ backend: memory(), ...options })`.
   */
  readonly open: (options: StoreOptionsUnderTest) => Promise<StoreUnderTest>;
  /** Time, chance, turns and I/O of the stores. Default: those of the process. */
  readonly environment?: Environment;
  /** Where every random choice comes from. Default: 1. */
  readonly seed?: number;
}

/** How a case wants its store. */
export interface StoreWish extends Omit<StoreOptionsUnderTest, "environment"> {
  /** Stands before the backend, to count its calls or to let them fail. */
  readonly wrap?: (backend: Backend) => Backend;
}

/** Keys are 32-bit integers, values are text. */
export const NUMBERS: { readonly key: z.ZodInt32; readonly value: z.ZodString } = {
  key: z.int32(),
  value: z.string(),
};

/** A trace of {@link NUMBERS}. */
export type NumberTrace = TraceUnderTest<number, string>;

/** A store with one trace of {@link NUMBERS}, by name `t`. */
export interface OpenedStore {
  readonly store: StoreUnderTest;
  readonly trace: NumberTrace;
}

// Longer than anything in the suite takes on a busy machine; in steps, between each of which a simulated
// environment lets microtasks run, whose time stands still for them.
const PATIENCE_STEPS = 300;
const PATIENCE_STEP_MS = 100;

/** What a case works with: it opens stores, and closes at the end all that the case left open. */
export class StoreFixture {
  readonly capabilities: Capabilities;
  readonly environment: Environment;
  readonly seed: number;
  readonly random: SeededRandom;
  readonly #open: StoreSuiteOptions["open"];
  readonly #opened = new Set<StoreUnderTest>();
  #scheduled = 0;

  constructor(options: StoreSuiteOptions) {
    this.capabilities = options.capabilities;
    this.environment = options.environment ?? systemEnvironment();
    this.seed = options.seed ?? 1;
    this.random = new SeededRandom(this.seed);
    this.#open = options.open;
  }

  /** Opens a store with nothing in it. */
  async open(wish: StoreWish = {}): Promise<StoreUnderTest> {
    const { wrap, ...options } = wish;
    const { environment } = this;
    const io = (backend: Backend): Backend => {
      const own = environment.io(backend);
      return wrap === undefined ? own : wrap(own);
    };
    const store = await this.#open({
      ...options,
      environment: {
        now: () => environment.now(),
        random: () => environment.random(),
        schedule: (task, delayMs) => this.#schedule(task, delayMs),
        io,
      },
    });
    this.#opened.add(store);
    return store;
  }

  /** How many tasks its stores have scheduled that have neither run nor been taken back. */
  get scheduledTasks(): number {
    return this.#scheduled;
  }

  /** Opens a store with one trace, `t`, of 32-bit integers and text. */
  async openTrace(wish: StoreWish = {}): Promise<OpenedStore> {
    const store = await this.open(wish);
    return { store, trace: await store.trace("t", NUMBERS) };
  }

  /** Lets others have a turn of the event loop. */
  turn(): Promise<void> {
    return turn(this.environment);
  }

  /** Lets `count` microtasks pass. */
  async microtasks(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await Promise.resolve();
  }

  /** Waits for `work`, and fails when it hangs. */
  async settles<T>(work: Promise<T>, what: string): Promise<T> {
    let cancel: Cancel = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      let steps = 0;
      const wait = (): void => {
        cancel = this.environment.schedule(() => {
          if (++steps < PATIENCE_STEPS) wait();
          else reject(new AssertionFailure(`${what}: has not settled`));
        }, PATIENCE_STEP_MS);
      };
      wait();
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }

  #schedule(task: () => void, delayMs: number): Cancel {
    let isDone = false;
    const finish = (): void => {
      if (!isDone) this.#scheduled--;
      isDone = true;
    };
    this.#scheduled++;
    const cancel = this.environment.schedule(() => {
      finish();
      task();
    }, delayMs);
    return () => {
      finish();
      cancel();
    };
  }

  /** Closes what was opened; rejects when one of them cannot be closed. */
  async closeAll(): Promise<void> {
    for (const store of this.#opened) await this.settles(store.close(), "close()");
  }
}
