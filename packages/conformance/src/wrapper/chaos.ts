import { turn, ZspineError, type Backend, type Environment, type StoredHead } from "@zspine/core";
import { callText, type BackendCall, type BackendMethod } from "./backend-call.ts";
import { seededFaults, type Fault, type FaultPlan } from "./fault.ts";
import { intercept } from "./intercept.ts";

/** What is to go wrong. Without `plan` and `seed` nothing does. */
export interface ChaosOptions {
  /** Decides call by call. */
  readonly plan?: FaultPlan | undefined;
  /** Makes a plan of chance, when there is no `plan`. */
  readonly seed?: number | undefined;
  /** Where slow calls wait. Needed by plans with the fault `slow`. */
  readonly environment?: Pick<Environment, "schedule"> | undefined;
}

/** A call as it is remembered: what it was, and what was planned to go wrong with it. */
export interface LoggedCall {
  readonly method: BackendMethod;
  /** The call in one line: `createHead 3 +a/1 -a/0`. */
  readonly text: string;
  readonly fault: Fault | undefined;
}

/** A backend at which things go wrong. */
export interface ChaosBackend extends Backend {
  /** Every call so far but `close` and those that were refused, in order; the plan was asked for each. */
  readonly calls: readonly LoggedCall[];
  /** For how many of them a fault was planned. */
  faultCount(): number;
  /** From now on nothing goes wrong; calls are still remembered. */
  heal(): void;
}

/**
 * Wraps a backend and lets calls fail by plan, each in the form that the contract gives to failures. A
 * fault that does not suit a call (a full medium at a read, a delay of `getSync`) passes it over.
 * `close` never fails, so that a test can tidy up.
 */
export function chaos(backend: Backend, options: ChaosOptions = {}): ChaosBackend {
  const calls: LoggedCall[] = [];
  let plan = options.plan ?? (options.seed === undefined ? () => undefined : seededFaults(options.seed));
  const nextFault = (call: BackendCall): Fault | undefined => {
    const fault = plan(call);
    calls.push({ method: call.method, text: callText(call), fault });
    return fault;
  };
  const wrapped = intercept(backend, {
    call: (made, proceed) =>
      made.method === "close" ? proceed() : strike(nextFault(made), made, proceed, backend, options),
    callSync: (made, proceed) => strikeSync(nextFault(made), made, proceed),
    names: (made, proceed) => strikeNames(nextFault(made), made, proceed, options),
  });
  return {
    ...wrapped,
    calls,
    faultCount: () => calls.filter(({ fault }) => fault !== undefined).length,
    heal() {
      plan = () => undefined;
    },
  };
}

async function strike<T>(
  fault: Fault | undefined,
  made: BackendCall,
  proceed: () => Promise<T>,
  backend: Backend,
  options: ChaosOptions,
): Promise<T> {
  if (fault === undefined) return proceed();
  failBefore(fault, made);
  if (fault.type === "slow") await waitFor(fault.delayMs, options);
  if (fault.type === "torn" && made.ops !== undefined) {
    await tear(fault, made, backend);
    throw failure(made, "was torn off", { determinate: false });
  }
  const result = await proceed();
  if (fault.type === "after") {
    throw failure(made, "was done, and reported as failed", { determinate: !isWrite(made) });
  }
  return fault.type === "flip" ? flip(result, fault.bit) : result;
}

function strikeSync<T>(fault: Fault | undefined, made: BackendCall, proceed: () => T): T {
  if (fault === undefined) return proceed();
  failBefore(fault, made);
  if (fault.type === "after") throw failure(made, "failed");
  return fault.type === "flip" ? flip(proceed(), fault.bit) : proceed();
}

async function* strikeNames(
  fault: Fault | undefined,
  made: BackendCall,
  proceed: () => AsyncIterable<string>,
  options: ChaosOptions,
): AsyncIterable<string> {
  if (fault !== undefined) failBefore(fault, made);
  if (fault?.type === "slow") await waitFor(fault.delayMs, options);
  let yielded = 0;
  for await (const name of proceed()) {
    if (fault?.type === "torn" && yielded === fault.applied) throw failure(made, "broke off");
    yield name;
    yielded++;
  }
  if (fault?.type === "after" || fault?.type === "torn") throw failure(made, "broke off at its end");
}

/** Throws when the fault keeps the call from beginning. */
function failBefore(fault: Fault, made: BackendCall): void {
  if (fault.type === "before") throw failure(made, "failed before it did anything");
  if (fault.type !== "full" || !isWrite(made)) return;
  const cause = Object.assign(new Error("no space left on the simulated medium"), { code: "ENOSPC" });
  throw failure(made, "found no space left", { cause });
}

function isWrite({ method, ops }: BackendCall): boolean {
  return ops !== undefined || method === "create";
}

/** Does that part of a write which a torn one leaves. */
async function tear(
  fault: Extract<Fault, { type: "torn" }>,
  { method, ops = [], head, bytes }: BackendCall,
  backend: Backend,
): Promise<void> {
  const applied = ops.slice(0, fault.applied);
  if (method === "write") await backend.write(applied);
  else if (fault.tearsHead === true) await backend.createHead(head as number, bytes as Uint8Array, applied);
  else await backend.write(applied.filter((op) => op.type === "put"));
}

async function waitFor(delayMs: number, { environment }: ChaosOptions): Promise<void> {
  if (environment === undefined) throw new TypeError("chaos(): a slow call needs the option `environment`");
  await turn(environment as Environment, delayMs);
}

/** Flips one bit of what was read; what was not read, or is empty, has none. */
function flip<T>(result: T, bit: number): T {
  const bytes = result instanceof Uint8Array ? result : (result as StoredHead | undefined)?.bytes;
  if (bytes === undefined || bytes.length === 0) return result;
  const at = bit % (bytes.length * 8);
  bytes[at >> 3] = (bytes[at >> 3] as number) ^ (1 << (at & 7));
  return result;
}

function failure(
  { method }: BackendCall,
  what: string,
  options: { determinate?: boolean; cause?: unknown } = {},
): ZspineError {
  return new ZspineError("ZSPINE_IO", `${method}() ${what}, as planned by chaos()`, options);
}
