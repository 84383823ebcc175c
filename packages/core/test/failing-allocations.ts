/**
 * Makes allocations of typed arrays and buffers fail on demand, as they do in browsers and under limits of memory:
 * the constructors of `globalThis`, and the methods of typed arrays that allocate, throw `RangeError`. What was made
 * before stays what it is, and none fails until it is told to. Put back with {@link FailingAllocations.restore}.
 */
export class FailingAllocations {
  /** How many were made since the last {@link failAt}, the failed one included. */
  made = 0;
  /** Whether one has failed since then. */
  hasFailed = false;
  private at = Infinity;
  private readonly undo: (() => void)[] = [];

  constructor() {
    for (const name of CONSTRUCTORS) this.wrapConstructor(name);
    for (const name of METHODS) this.wrapMethod(name);
  }

  /** Fails the `n`-th allocation from now, counted from 1, and none after it. */
  failAt(n: number): void {
    this.at = n;
    this.made = 0;
    this.hasFailed = false;
  }

  /** Lets all allocations be until `act` is done: for what checks a run, and is none of it. */
  without<T>(act: () => T): T {
    const { at, made } = this;
    this.at = Infinity;
    try {
      return act();
    } finally {
      this.at = at;
      this.made = made;
    }
  }

  /** Puts all back that was there before. */
  restore(): void {
    for (const undo of this.undo.splice(0).reverse()) undo();
  }

  private count(what: string): void {
    this.made++;
    if (this.made !== this.at) return;
    this.hasFailed = true;
    throw new RangeError(`${INJECTED}: ${what}`);
  }

  private wrapConstructor(name: (typeof CONSTRUCTORS)[number]): void {
    const target = globalThis[name];
    const count = (): void => {
      this.count(name);
    };
    const proxy: unknown = new Proxy(target, {
      construct(_, args, newTarget): object {
        count();
        return Reflect.construct(target, args, newTarget === proxy ? target : newTarget) as object;
      },
    });
    Reflect.set(globalThis, name, proxy);
    this.undo.push(() => Reflect.set(globalThis, name, target));
  }

  private wrapMethod(name: (typeof METHODS)[number]): void {
    const prototype = Object.getPrototypeOf(Uint8Array.prototype) as Record<string, unknown>;
    const original = prototype[name] as (...args: unknown[]) => unknown;
    const count = (): void => {
      this.count(name);
    };
    prototype[name] = function (this: unknown, ...args: unknown[]): unknown {
      count();
      return original.apply(this, args);
    };
    this.undo.push(() => {
      prototype[name] = original;
    });
  }
}

const INJECTED = "injected failure of an allocation";
const CONSTRUCTORS = [
  "ArrayBuffer",
  "Int8Array",
  "Uint8Array",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;
const METHODS = ["slice", "map", "filter"] as const;

/** Tells an injected failure from any other error. */
export function isInjected(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith(INJECTED);
}

/**
 * Runs `run` again and again: the first time its first allocation fails, the next its second, until none is left
 * to fail. Gives how many there were.
 *
 * @param most How many there may be: `run` must end by itself.
 */
export function failEachAllocation(run: (failing: FailingAllocations) => void, most = 10000): number {
  for (let n = 1; n <= most; n++) {
    const failing = new FailingAllocations();
    try {
      failing.failAt(n);
      run(failing);
    } catch (error) {
      throw new Error(`with allocation ${n} failing: ${String(error)}`, { cause: error });
    } finally {
      failing.restore();
    }
    if (!failing.hasFailed) return n - 1;
  }
  throw new Error(`a run has more than ${most} allocations`);
}
