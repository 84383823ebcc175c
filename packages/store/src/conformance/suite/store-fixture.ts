import { AssertionFailure, SeededRandom } from "@zspine/conformance";
import {
  systemEnvironment,
  turn,
  type Backend,
  type BackendOpener,
  type Cancel,
  type Capabilities,
  type Environment,
  type Serializer,
} from "@zspine/core";
import { z } from "zod";
import type { Store, StoreOptions, Trace } from "@zspine/store";

/** The options with which the suite opens a store. Those that are left out are the store's own choice. */
export interface SuiteStoreOptions extends Omit<StoreOptions, "backend" | "registry" | "serializer"> {
  /** Time, chance, turns and I/O; the backend must go through its `io`. */
  readonly environment: Environment;
  readonly serializer?: Serializer | undefined;
}

/** What the suite is told of the store that it is to prove. */
export interface StoreSuiteOptions {
  /** What the backend beneath declares; it decides which cases apply. */
  readonly capabilities: Capabilities;
  /**
   * Opens a store over the backend at a place, and passes the options on:
   * `open: (options, place) => openStore({ backend: level({ location: `${folder}/${place}` }), ...options })`.
   * The suite chooses the places: `case-1`, `case-2`, … The first time there is nothing at a place; what is not
   * durable has no need of them: `open: (options) => openStore({ backend: memory(), ...options })`.
   */
  readonly open: (options: SuiteStoreOptions, place: string) => Promise<Store>;
  /** What is done with places besides opening stores there; where the backend is durable. */
  readonly places?: PlacesUnderTest | undefined;
  /**
   * Whether the stores move rows between memory and the backend when they see fit, committed or not, so that any
   * read may ask the backend, and what was counted a moment ago may be otherwise. Default: false.
   */
  readonly spills?: boolean | undefined;
  /** Time, chance, turns and I/O of the stores. Default: those of the process. */
  readonly environment?: Environment | undefined;
  /** Where every random choice comes from. Default: 1. */
  readonly seed?: number | undefined;
  /**
   * `quick` leaves out the cases that write to their medium, open and close it hundreds of times: random courses, and
   * faults at each call. They are a tenth of the cases and most of the time. Default: `all`.
   */
  readonly speed?: "quick" | "all" | undefined;
}

/** Places of durable stores, and what is done with them while no store is open there. */
export interface PlacesUnderTest {
  /** The backend at a place, still to be opened. */
  readonly opener: (place: string) => BackendOpener;
  /** Lets go of a place as a killed process does. Without it stores are closed where they would be killed. */
  readonly crash?: ((place: string) => void) | undefined;
  /** `restoreStore()` of the store that is to be proved. */
  readonly restore: (options: { readonly from: BackendOpener; readonly to: BackendOpener }) => Promise<void>;
  /** `dropStore()` of the store that is to be proved. */
  readonly drop: (options: { readonly backend: BackendOpener }) => Promise<void>;
}

/** How a case wants its store. */
export interface StoreWish extends Omit<SuiteStoreOptions, "environment"> {
  /** Stands before the backend, to count its calls or to let them fail. */
  readonly wrap?: ((backend: Backend) => Backend) | undefined;
}

/** Keys are 32-bit integers, values are text. */
export const NUMBERS: { readonly key: z.ZodInt32; readonly value: z.ZodString } = {
  key: z.int32(),
  value: z.string(),
};

/** A trace of {@link NUMBERS}. */
export type NumberTrace = Trace<number, string>;

/** A store with one trace of {@link NUMBERS}, by name `t`. */
export interface OpenedStore {
  readonly store: Store;
  readonly trace: NumberTrace;
}

// Longer than anything in the suite takes on a busy machine; in steps, between each of which a simulated
// environment lets microtasks run, whose time stands still for them.
const PATIENCE_STEPS = 3000;
const PATIENCE_STEP_MS = 100;

/** What a case works with: it opens stores, and closes at the end all that the case left open. */
export class StoreFixture {
  readonly capabilities: Capabilities;
  /** Whether a read may ask the backend. */
  readonly readsMedium: boolean;
  readonly environment: Environment;
  readonly seed: number;
  readonly random: SeededRandom;
  readonly #options: StoreSuiteOptions;
  readonly #nextPlace: () => string;
  readonly #opened = new Map<Store, string>();
  #scheduled = 0;

  constructor(options: StoreSuiteOptions, nextPlace: () => string) {
    this.capabilities = options.capabilities;
    this.readsMedium = options.capabilities.durable || options.spills === true;
    this.environment = options.environment ?? systemEnvironment();
    this.seed = options.seed ?? 1;
    this.random = new SeededRandom(this.seed);
    this.#options = options;
    this.#nextPlace = nextPlace;
  }

  /** What is done with places; only for cases that need them. */
  get places(): PlacesUnderTest {
    const { places } = this.#options;
    if (places === undefined) throw new AssertionFailure("the case needs the option `places` of the suite");
    return places;
  }

  /** The name of a place with nothing in it. */
  newPlace(): string {
    return this.#nextPlace();
  }

  /** Opens a store at a place; with nothing in it where none is given. */
  async open(wish: StoreWish = {}, place: string = this.newPlace()): Promise<Store> {
    const { wrap, ...options } = wish;
    const { environment } = this;
    const io = (backend: Backend): Backend => {
      const own = environment.io(backend);
      return wrap === undefined ? own : wrap(own);
    };
    const given: SuiteStoreOptions = {
      ...options,
      environment: {
        now: () => environment.now(),
        random: () => environment.random(),
        schedule: (task, delayMs) => this.#schedule(task, delayMs),
        io,
      },
    };
    const store = await this.#options.open(given, place);
    this.#opened.set(store, place);
    return store;
  }

  /** Closes a store and opens it again. */
  async reopen(store: Store, wish: StoreWish = {}): Promise<Store> {
    const place = this.placeOf(store);
    await this.settles(store.close(), "close()");
    return this.open(wish, place);
  }

  /** Where a store was opened. */
  placeOf(store: Store): string {
    const place = this.#opened.get(store);
    if (place === undefined)
      throw new AssertionFailure("the case asks for the place of a store that it did not open");
    return place;
  }

  /** Leaves the stores at a place as a process that is killed leaves them. */
  async crash(place: string): Promise<void> {
    const left = [...this.#opened.keys()].filter((store) => this.#opened.get(store) === place);
    for (const store of left) this.#opened.delete(store);
    this.#options.places?.crash?.(place);
    // Of a process that is dead nothing is heard any more.
    for (const store of left)
      await this.settles(store.close(), "close() after a crash").catch(() => undefined);
  }

  /** How many tasks its stores have scheduled that have neither run nor been taken back. */
  get scheduledTasks(): number {
    return this.#scheduled;
  }

  /** Opens a store with one trace, `t`, of 32-bit integers and text. */
  async openTrace(wish: StoreWish = {}, place: string = this.newPlace()): Promise<OpenedStore> {
    const store = await this.open(wish, place);
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
    for (const store of this.#opened.keys()) await this.settles(store.close(), "close()");
  }
}
