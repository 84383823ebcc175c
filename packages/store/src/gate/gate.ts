import { forwardBackend, ZspineError, type Backend, type ReadOptions } from "@zspine/core";

/**
 * Tells whether calls are let into a store: not after its close, not while a merge strategy is asked, and never again
 * once an error has come in the middle of what must be done whole. Then the store is in doubt: nothing of it is
 * answered or written any more, so that what was committed stays so, and closing it lets go of the location.
 *
 * What can fail for reasons of the caller's, or for want of memory, is done before a point of no return and leaves
 * everything as it was; {@link Gate.whole} stands around what comes after it.
 */
export class Gate {
  /** Whether the store was closed. */
  isClosed = false;
  private isOpen = true;
  private isAsking = false;
  private failure: { readonly error: unknown } | undefined;

  /** Whether the store is in doubt. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** @throws `ZSPINE_CLOSED` when the store is closed or in doubt; `ZSPINE_INVALID_OPTIONS` to a strategy. */
  check(): void {
    if (!this.isOpen) throw this.refusal();
  }

  close(): void {
    this.isClosed = true;
    this.isOpen = false;
  }

  /** Does what must be done whole. @throws as {@link Gate.fail} when it throws anything. */
  whole<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** Lets nothing in any more. Gives the error to throw: of all that come, the first is the cause. */
  fail(error: unknown): ZspineError {
    this.failure ??= { error };
    this.isOpen = false;
    return this.refusal();
  }

  /** Asks code of the caller's for a decision, and lets no call in meanwhile: the engine is in the middle of one. */
  ask<T>(decide: () => T): T {
    const { isAsking } = this;
    this.isAsking = true;
    this.isOpen = false;
    try {
      return decide();
    } finally {
      this.isAsking = isAsking;
      this.isOpen = !isAsking && !this.isClosed && this.failure === undefined;
    }
  }

  /** Lets nothing be written to a backend once the store is in doubt. */
  guard(backend: Backend): Backend {
    const create = backend.create?.bind(backend);
    return {
      ...forwardBackend(backend),
      ...(create && {
        create: (name: string, bytes: Uint8Array, options?: ReadOptions) =>
          this.hasFailed ? Promise.reject(this.refusal()) : create(name, bytes, options),
      }),
      write: (ops, options) =>
        this.hasFailed ? Promise.reject(this.refusal()) : backend.write(ops, options),
      createHead: (number, bytes, ops, options) =>
        this.hasFailed ? Promise.reject(this.refusal()) : backend.createHead(number, bytes, ops, options),
    };
  }

  /** The error for a call that is not let in. */
  refusal(): ZspineError {
    if (this.failure !== undefined) {
      const { error } = this.failure;
      return new ZspineError("ZSPINE_CLOSED", `${IN_DOUBT}: ${describe(error)}`, {
        cause: error,
        determinate: false,
      });
    }
    if (this.isClosed)
      return new ZspineError("ZSPINE_CLOSED", "the store is closed; open it again with openStore()");
    return new ZspineError("ZSPINE_INVALID_OPTIONS", ASKED);
  }
}

const IN_DOUBT =
  "an error inside has left the store in doubt, so it does nothing any more; close() it and open it again with " +
  "openStore(), which finds what was committed. The error";
const ASKED =
  "a merge strategy reads or writes the store while it is asked; it decides by the batches that it is given, so let " +
  "choose() do nothing else";

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
