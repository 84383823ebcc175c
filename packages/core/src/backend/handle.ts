import { quote } from "../error/quote.ts";
import { isZspineError, throwIfAborted, ZspineError } from "../error/zspine-error.ts";
import { isValueName, type Backend, type ReadOptions } from "./backend.ts";

/** A backend without the life cycle of a handle, which {@link handleOf} gives it: it sees to its medium, and no more. */
export interface BareBackend extends Omit<Backend, typeof Symbol.asyncDispose> {
  /** What messages call it. Default: its type, and that it is a backend. */
  readonly name?: string;

  /**
   * Makes the error to tell of what a method has thrown, when that is no `ZspineError`; without it, it is told as it
   * is. `what` names the call: `get() on the file backend`.
   */
  explain?(error: unknown, what: string): ZspineError;
}

/**
 * Gives a backend the life cycle that the contract asks of every handle, so that none has one of its own:
 *
 * - A call does nothing and rejects once the handle is closed (`ZSPINE_CLOSED`), when its signal has fired
 *   (`ZSPINE_ABORTED`), and when it writes to what was opened to be read only, or makes a head as a guest
 *   (`ZSPINE_NOT_SUPPORTED`).
 * - A listing is such a call at each of its names, and is under way only while it looks for one.
 * - `close` waits for what is under way, ends the listings that nobody reads from, and then closes `bare`; once,
 *   however often it is called.
 * - `getSync` is there exactly when `syncReads` is declared, and `create` when `guests` is; it takes names only.
 *
 * A method begins in the turn of its call. What comes of a signal that fires later is the method's to decide; and so is
 * what a write that failed means for those after it, because one medium takes them, another is opened anew before, and
 * a third takes none.
 */
export function handleOf(bare: BareBackend): Backend {
  const { type, capabilities, placement } = bare;
  const cycle = new LifeCycle(bare);
  const close = (): Promise<void> => cycle.close();
  return {
    type,
    capabilities,
    placement,
    get: (name, range, options) => cycle.run("get", options, () => bare.get(name, range, options)),
    ...(capabilities.syncReads && {
      getSync: (name, range) => cycle.runSync("getSync", () => bare.getSync!(name, range)),
    }),
    write: (ops, options) => cycle.run("write", options, () => bare.write(ops, options)),
    list: (prefix, options) => cycle.list(prefix, options),
    readHead: (number, options) => cycle.run("readHead", options, () => bare.readHead(number, options)),
    createHead: (number, bytes, ops, options) =>
      cycle.run("createHead", options, () => bare.createHead(number, bytes, ops, options)),
    ...(capabilities.guests === true && {
      create: (name, bytes, options) =>
        cycle.run("create", options, () => bare.create!(checkName(name), bytes, options)),
    }),
    // Told of a closed one too: what it has cost is asked for when all is done.
    ...(capabilities.statistics !== undefined && { statistics: () => bare.statistics!() }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const WRITES = new Set(["write", "createHead", "create"]);

/** Names that are created come from others than the store, which checks those that it puts itself. */
function checkName(name: string): string {
  if (typeof name === "string" && isValueName(name)) return name;
  const advice = "parts of a-z, 0-9, dots, _ and -, none of which begins with a dot, with / between them";
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `create() of ${quote(name)}, which is no name of a value; write at most 200 characters: ${advice}`,
    { path: ["name"] },
  );
}

class LifeCycle {
  readonly #bare: BareBackend;
  readonly #name: string;
  readonly #calls = new Set<Promise<unknown>>();
  /** Each listing with its search for the next name, which may have ended. */
  readonly #listings = new Map<AsyncIterator<string>, Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(bare: BareBackend) {
    this.#bare = bare;
    this.#name = bare.name ?? `${bare.type} backend`;
  }

  async run<T>(method: string, options: ReadOptions | undefined, work: () => Promise<T>): Promise<T> {
    const call = this.#explained(this.#begin(method, options), work);
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  runSync<T>(method: string, work: () => T): T {
    const what = this.#begin(method);
    try {
      return work();
    } catch (error) {
      throw this.#explain(error, what);
    }
  }

  async *list(prefix: string, options: ReadOptions | undefined): AsyncIterable<string> {
    const what = this.#begin("list", options);
    const names = this.#bare.list(prefix, options)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const search = names.next();
        this.#listings.set(names, search);
        const next = await search;
        if (next.done === true) return;
        yield next.value;
        this.#begin("list", options);
      }
    } catch (error) {
      throw this.#explain(error, what);
    } finally {
      this.#listings.delete(names);
      await names.return?.();
    }
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#explained(`close() on the ${this.#name}`, () => this.#letGo()));
  }

  async #letGo(): Promise<void> {
    await Promise.allSettled([...this.#calls, ...this.#listings.values()]);
    await Promise.allSettled([...this.#listings.keys()].map((names) => names.return?.()));
    await this.#bare.close();
  }

  #begin(method: string, options?: ReadOptions): string {
    const what = `${method}() on the ${this.#name}`;
    if (this.#closing !== undefined) {
      throw new ZspineError("ZSPINE_CLOSED", `${what}, which is closed; open another`);
    }
    if (this.#bare.capabilities.readOnly === true && WRITES.has(method)) {
      const refusal = `${what}, which was opened to be read only; open it without readOnly`;
      throw new ZspineError("ZSPINE_NOT_SUPPORTED", refusal);
    }
    if (this.#bare.capabilities.guest === true && method === "createHead") {
      const refusal = `${what}, which was opened as a guest, and guests make no heads; open it without guest to write`;
      throw new ZspineError("ZSPINE_NOT_SUPPORTED", refusal);
    }
    throwIfAborted(options?.signal, what);
    return what;
  }

  async #explained<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#explain(error, what);
    }
  }

  #explain(error: unknown, what: string): unknown {
    return isZspineError(error) ? error : (this.#bare.explain?.(error, what) ?? error);
  }
}
