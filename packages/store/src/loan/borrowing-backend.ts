import {
  forwardBackend,
  handleOf,
  namesInOrder,
  ZspineError,
  type Backend,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type ReadOptions,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import { ENDED, ORIGIN } from "../head/loan-name.ts";
import { encodeLoan, type Loan } from "../tier/loan.ts";
import { putBorrowing, type Borrowing } from "./borrowing.ts";

/** What a clone borrows of, as it was found when the clone was opened. */
export interface LoanSource {
  /** Where borrowed values are read; or why they cannot be, which is told when one is asked for. */
  readonly backend: Backend | ZspineError;
  /** Lets go of the loan there. Does nothing where that has been done. */
  release(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes the backend of a clone: all that it writes is in its own place, and so are its heads; of the values that they name,
 * those that are borrowed are read in the source. A borrowed value that the store removes is not borrowed any more, and
 * stays where it is: it is the source's. What says that the place is a clone's is not seen through it.
 *
 * @param loan What was borrowed when the clone was made.
 * @param isEnded Whether its place says that nothing of it is borrowed any more.
 */
export function borrow(own: Backend, source: LoanSource, loan: Loan, isEnded: boolean): Backend {
  const bare = new BorrowingBackend(own, source, loan, isEnded);
  return putBorrowing(handleOf(bare), bare);
}

/** Makes the backend of what was a clone, and borrows nothing any more. */
export function borrowNothing(own: Backend): Backend {
  const nothing: Borrowing = { names: [], take: async () => 0, end: async () => undefined };
  return putBorrowing(forwardBackend(own), nothing);
}

class BorrowingBackend implements BareBackend, Borrowing {
  readonly type: string;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly placement: Backend["placement"];
  readonly #own: Backend;
  readonly #source: LoanSource;
  readonly #loan: Loan;
  /** Names of the values that are borrowed still. */
  readonly #borrowed: Set<string>;

  /** Whether its own place says that nothing is borrowed, and whether it says nothing of a loan any more. */
  #isEnded: boolean;
  #isOver = false;

  constructor(own: Backend, source: LoanSource, loan: Loan, isEnded: boolean) {
    this.#own = own;
    this.#source = source;
    this.#loan = loan;
    this.#borrowed = new Set(isEnded ? [] : loan.values);
    this.#isEnded = isEnded;
    this.type = own.type;
    this.name = `${own.type} backend of the clone ${JSON.stringify(loan.name)}`;
    const { backend } = source;
    const syncReads = own.capabilities.syncReads && "getSync" in backend;
    this.capabilities = { ...own.capabilities, syncReads };
    this.placement = own.placement;
  }

  get names(): readonly string[] {
    return [...this.#borrowed].sort();
  }

  async get(name: string, range?: ByteRange, options?: ReadOptions): Promise<Uint8Array | undefined> {
    if (name === ORIGIN || name === ENDED) return undefined;
    if (!this.#borrowed.has(name)) return this.#own.get(name, range, options);
    const found = await this.#lender().get(name, range, options);
    // It may have been copied meanwhile, and let go of in the source.
    if (found === undefined && !this.#borrowed.has(name)) return this.#own.get(name, range, options);
    return found ?? this.#missing(name);
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    if (!this.#borrowed.has(name)) return this.#own.getSync!(name, range);
    return this.#lender().getSync!(name, range) ?? this.#missing(name);
  }

  async write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void> {
    await this.#own.write(this.#ownOps(ops), options);
    this.#forget(ops);
  }

  /** Those of its own place: what the source is asked for, its own handle tells. */
  statistics(): Readonly<Record<string, number>> {
    return this.#own.statistics!();
  }

  async *list(prefix: string, options?: ReadOptions): AsyncIterable<string> {
    const borrowed = this.names.filter((name) => name.startsWith(prefix));
    for await (const name of namesInOrder(borrowed, this.#own.list(prefix, options)))
      if (name !== ORIGIN && name !== ENDED) yield name;
  }

  readHead(number?: number, options?: ReadOptions): Promise<StoredHead | undefined> {
    return this.#own.readHead(number, options);
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void> {
    await this.#own.createHead(number, bytes, this.#ownOps(ops), options);
    this.#forget(ops);
  }

  create(name: string, bytes: Uint8Array, options?: ReadOptions): Promise<boolean> {
    return this.#own.create!(name, bytes, options);
  }

  async take(name: string, check: (bytes: Uint8Array) => void): Promise<number> {
    if (!this.#borrowed.has(name)) return 0;
    const bytes = await this.get(name);
    if (bytes === undefined || !this.#borrowed.has(name)) return 0;
    check(bytes);
    // What a copy that was cut short has left there is replaced, for it may not be durable.
    await this.#own.write([{ type: "remove", name }]);
    await this.#own.write([{ type: "put", name, bytes }]);
    if (this.#borrowed.delete(name)) return bytes.length;
    await this.#own.write([{ type: "remove", name }]);
    return 0;
  }

  async end(): Promise<void> {
    if (this.#borrowed.size > 0 || this.#isOver) return;
    if (!this.#isEnded) {
      const { id, name } = this.#loan;
      const bytes = encodeLoan(ENDED, { id, name, values: [], valueBytes: [] });
      await this.#own.write([{ type: "put", name: ENDED, bytes }]);
      this.#isEnded = true;
    }
    await this.#source.release();
    await this.#own.write([
      { type: "remove", name: ORIGIN },
      { type: "remove", name: ENDED },
    ]);
    this.#isOver = true;
  }

  async close(): Promise<void> {
    try {
      // The next opening tries again, and so does dropping it.
      const { guest, readOnly } = this.capabilities;
      if (guest !== true && readOnly !== true) await this.end().catch(() => undefined);
      await this.#source.close();
    } finally {
      await this.#own.close();
    }
  }

  /** Those that are not about what is the source's. */
  #ownOps(ops: readonly WriteOp[]): readonly WriteOp[] {
    return ops.filter(({ type, name }) => type === "put" || !this.#borrowed.has(name));
  }

  #forget(ops: readonly WriteOp[]): void {
    for (const { type, name } of ops) if (type === "remove") this.#borrowed.delete(name);
  }

  /** @throws why the source cannot be read. */
  #lender(): Backend {
    const { backend } = this.#source;
    if (backend instanceof ZspineError) throw backend;
    return backend;
  }

  #missing(name: string): never {
    throw new ZspineError(
      "ZSPINE_CORRUPT",
      `the value ${name}, which the clone ${JSON.stringify(this.#loan.name)} borrows of its source, is missing there: ` +
        "the source was dropped or has let go of the clone; restore the source, or the clone, from a backup",
    );
  }
}
