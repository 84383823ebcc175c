import type { Backend, StoredHead, WriteOp } from "@zspine/core";
import type { BackendCall, BackendMethod } from "./backend-call.ts";
import { intercept } from "./intercept.ts";

/** What one method was asked to do since the counting began. */
export interface Count {
  readonly calls: number;
  /** Bytes of values and heads that were read by it, or given to it; 0 for `list` and `close`. */
  readonly bytes: number;
}

/** Counts by method. */
export type Counts = Readonly<Record<BackendMethod, Count>>;

/** A backend that counts what it is asked. */
export interface RecordingBackend extends Backend {
  /** The counts as they are now. */
  counts(): Counts;
  /** Begins to count from 0. */
  resetCounts(): void;
}

const METHODS: readonly BackendMethod[] = [
  "close",
  "create",
  "createHead",
  "get",
  "getSync",
  "list",
  "readHead",
  "write",
];

/**
 * Wraps a backend and counts calls and bytes by method, so that a test can say that a write reads
 * nothing. Calls count when they are made, bytes when they have come or gone.
 */
export function recording(backend: Backend): RecordingBackend {
  const counts = Object.fromEntries(METHODS.map((method) => [method, { calls: 0, bytes: 0 }])) as Record<
    BackendMethod,
    { calls: number; bytes: number }
  >;
  const wrapped = intercept(backend, {
    async call(made, proceed) {
      counts[made.method].calls++;
      const result = await proceed();
      counts[made.method].bytes += bytesGiven(made) + bytesRead(result);
      return result;
    },
    callSync(made, proceed) {
      counts[made.method].calls++;
      const result = proceed();
      counts[made.method].bytes += bytesRead(result);
      return result;
    },
    names(made, proceed) {
      counts[made.method].calls++;
      return proceed();
    },
  });
  return {
    ...wrapped,
    counts: () => structuredClone(counts),
    resetCounts() {
      for (const method of METHODS) counts[method] = { calls: 0, bytes: 0 };
    },
  };
}

function bytesGiven({ bytes, ops = [] }: BackendCall): number {
  const sizes = ops.map((op: WriteOp) => (op.type === "put" ? op.bytes.length : 0));
  return sizes.reduce((sum, size) => sum + size, bytes?.length ?? 0);
}

function bytesRead(result: unknown): number {
  if (result instanceof Uint8Array) return result.length;
  return (result as StoredHead | undefined)?.bytes?.length ?? 0;
}
