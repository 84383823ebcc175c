import { forward, type SeededRandom } from "@zspine/conformance";
import { isZspineError, type Backend, type Environment } from "@zspine/core";
import type { Slot } from "@zspine/core/engine";
import type { Store } from "../../src/index.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import type { SlotOwner } from "../../src/tier/feed.ts";
import type { Spiller } from "../../src/tier/spiller.ts";

/** How often each move was made. */
export interface Moves {
  spill: number;
  drop: number;
  load: number;
}

/**
 * Spills, drops and loads slots of stores at random moments, drawn from a seed: at each call of a store, a trace, a
 * snapshot or a loop over rows, at each turn, and at each call of a backend, before and after. What a store answers
 * must not depend on it.
 */
export class Mixer {
  readonly moves: Moves = { spill: 0, drop: 0, load: 0 };
  private readonly random: SeededRandom;
  private readonly rate: number;
  private readonly stores = new Set<Store>();
  private readonly mixed = new WeakMap<object, object>();
  private underWay = 0;
  private fault: { readonly error: unknown } | undefined;

  /** @param rate How likely each moment is used. */
  constructor(random: SeededRandom, rate: number) {
    this.random = random;
    this.rate = rate;
  }

  /** Makes turns and calls of the backend moments. */
  environment(inner: Environment): Environment {
    return {
      now: () => inner.now(),
      random: () => inner.random(),
      schedule: (task, delayMs) =>
        inner.schedule(() => {
          this.moment();
          task();
          this.moment();
        }, delayMs),
      io: (backend) => this.backend(inner.io(backend)),
    };
  }

  /** Makes calls of a store moments, and moves its slots until it is closed. */
  store(store: Store): Store {
    this.stores.add(store);
    return this.wrap(store);
  }

  private backend(inner: Backend): Backend {
    const between = async <T>(call: () => Promise<T>): Promise<T> => {
      this.moment();
      try {
        return await call();
      } finally {
        this.moment();
      }
    };
    const plain = forward(inner);
    const { getSync } = plain;
    return {
      ...plain,
      get: (...args) => between(() => inner.get(...args)),
      write: (...args) => between(() => inner.write(...args)),
      createHead: (...args) => between(() => inner.createHead(...args)),
      ...(getSync === undefined
        ? {}
        : { getSync: (...args: Parameters<typeof getSync>) => (this.moment(), getSync(...args)) }),
    };
  }

  private wrap<T extends object>(target: T): T {
    const known = this.mixed.get(target);
    if (known !== undefined) return known as T;
    const mixed = new Proxy(target, {
      get: (_target, name) => {
        if (name === INNER) return target;
        this.moment();
        const found: unknown = Reflect.get(target, name, target);
        if (typeof found !== "function") return found;
        return (...args: unknown[]): unknown => {
          if (name === "close" || name === Symbol.asyncDispose)
            this.stores.delete(target as unknown as Store);
          const made = Reflect.apply(found, target, args.map(unwrap)) as unknown;
          this.moment();
          return this.wrapMade(name, made);
        };
      },
    });
    this.mixed.set(target, mixed);
    return mixed;
  }

  private wrapMade(name: string | symbol, made: unknown): unknown {
    if (name === "trace") return (made as Promise<object>).then((trace) => this.wrap(trace));
    const isMixed =
      name === "snapshot" ||
      name === "at" ||
      name === "atHold" ||
      name === "of" ||
      name === "rows" ||
      name === "chunks" ||
      name === Symbol.iterator ||
      name === Symbol.asyncIterator;
    return isMixed ? this.wrap(made as object) : made;
  }

  private moment(): void {
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault.error;
    // Each move makes moments of its own: without end, if all of them were used.
    if (this.stores.size === 0 || this.underWay >= UNDER_WAY_MAX || !this.random.chance(this.rate)) return;
    const store = this.random.pick([...this.stores]);
    const { spiller, traces } = tierOf(store);
    const opened = traces();
    if (opened.length === 0) return;
    const trace = this.random.pick(opened);
    const slots = trace.stages.entries.flatMap(({ batch }) => batch.slots);
    if (slots.length > 0) this.move(spiller!, trace, this.random.pick(slots));
  }

  private move(spiller: Spiller, owner: SlotOwner, slot: Slot): void {
    if (slot.home === undefined) {
      this.moves.spill++;
      this.watch(
        spiller.spill(owner.layout, slot, this.random.pick(["all", "packed", "nothing"])).then(() => {
          if (this.random.chance(0.7)) this.moves.drop += Number(spiller.drop(slot));
        }),
      );
    } else if (slot.part !== undefined || slot.packed !== undefined)
      this.moves.drop += Number(spiller.drop(slot));
    else {
      this.moves.load++;
      this.watch(spiller.load(owner, slot));
    }
  }

  /** What a medium fails with is its own; anything else is a fault of the store's. */
  private watch(work: Promise<unknown>): void {
    this.underWay++;
    work
      .catch((error: unknown) => {
        if (!isZspineError(error)) this.fault = { error };
      })
      .finally(() => this.underWay--);
  }
}

/** Moves that are under way at a time. */
const UNDER_WAY_MAX = 4;

const INNER = Symbol("what a mixed object stands before");

function unwrap(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return (value as { [INNER]?: unknown })[INNER] ?? value;
}
