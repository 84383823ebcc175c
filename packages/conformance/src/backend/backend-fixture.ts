import type { Backend, Capabilities, OpenOptions } from "@zspine/core";
import { assert } from "../assertion/assertion.ts";
import { SeededRandom } from "../random/seeded-random.ts";

/** What the suite is told of the backend that it is to prove. */
export interface BackendSuiteOptions {
  /** What the backend declares; it decides which cases apply. */
  readonly capabilities: Capabilities;
  /**
   * Opens the backend at a place of that name, which the suite chooses: `case-1`, `case-2`, … The
   * first time there is nothing at the place; a durable backend finds there what was written before. `options` are to be
   * handed on where guests are declared.
   */
  readonly open: (place: string, options?: OpenOptions) => Backend | Promise<Backend>;
  /** Where every random choice comes from. Default: 1. */
  readonly seed?: number | undefined;
  /**
   * Lets the medium go on by one small step, so that the suite can abort and close at every one.
   * Default: a microtask; for a medium with real I/O a turn of the event loop.
   */
  readonly turn?: (() => Promise<void>) | undefined;
}

/** What a case works with: it opens backends, and closes at the end all that the case left open. */
export class BackendFixture {
  readonly capabilities: Capabilities;
  readonly random: SeededRandom;
  readonly #options: BackendSuiteOptions;
  readonly #nextPlace: () => string;
  readonly #places = new Map<Backend, string>();

  constructor(options: BackendSuiteOptions, nextPlace: () => string) {
    this.capabilities = options.capabilities;
    this.random = new SeededRandom(options.seed ?? 1);
    this.#options = options;
    this.#nextPlace = nextPlace;
  }

  /** Opens a backend with nothing in it. */
  open(): Promise<Backend> {
    return this.#openAt(this.#nextPlace());
  }

  /** Opens the place of `backend` once more. */
  reopen(backend: Backend): Promise<Backend> {
    return this.#openAt(this.#placeOf(backend));
  }

  /** Opens the place of `backend` as a guest. */
  beside(backend: Backend): Promise<Backend> {
    return this.#openAt(this.#placeOf(backend), { guest: true });
  }

  /** Waits for `count` small steps of the medium. */
  async turns(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await (this.#options.turn?.() ?? Promise.resolve());
  }

  /** Closes what was opened; rejects when one of them cannot be closed. */
  async closeAll(): Promise<void> {
    for (const backend of this.#places.keys()) await backend.close();
  }

  #placeOf(backend: Backend): string {
    const place = this.#places.get(backend);
    assert(place !== undefined, "the case reopens a backend that it did not open");
    return place;
  }

  async #openAt(place: string, how?: OpenOptions): Promise<Backend> {
    const backend = await this.#options.open(place, how);
    this.#places.set(backend, place);
    return backend;
  }
}
