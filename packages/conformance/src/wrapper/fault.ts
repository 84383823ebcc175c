import { SeededRandom } from "../random/seeded-random.ts";
import type { BackendCall, BackendMethod } from "./backend-call.ts";

/**
 * What goes wrong at a call.
 *
 * | type | what happens | what is reported |
 * |---|---|---|
 * | `before` | nothing | `ZSPINE_IO`, determinate |
 * | `full` | nothing; only writes meet it | `ZSPINE_IO`, determinate, its cause has the code `ENOSPC` |
 * | `after` | everything | `ZSPINE_IO`, indeterminate |
 * | `torn` | of a write or listing the first `applied` operations or names | `ZSPINE_IO`, indeterminate |
 * | `slow` | everything, `delayMs` later | success |
 * | `flip` | everything; one bit of what is read is the other one | success |
 *
 * A torn `createHead` leaves of its operations those puts that are among the first `applied`, and no
 * head: orphans, as the contract allows. With `tearsHead` it breaks the contract: the head is there, and
 * of its operations only the first `applied`.
 */
export type Fault =
  | { readonly type: "after" | "before" | "full" }
  | { readonly type: "flip"; readonly bit: number }
  | { readonly type: "slow"; readonly delayMs: number }
  | { readonly type: "torn"; readonly applied: number; readonly tearsHead?: boolean };

/** Decides what goes wrong at a call; `undefined`: nothing. Asked once for each call, in order. */
export type FaultPlan = (call: BackendCall) => Fault | undefined;

/** Which of the calls are meant. */
export interface FaultTarget {
  /** The methods that are counted; all but `close` when left out. */
  readonly methods?: readonly BackendMethod[] | undefined;
  /** Whether all calls from that one on fail, as a medium that is broken for good. Default: that one only. */
  readonly isOnwards?: boolean | undefined;
}

/** Plans `fault` at the call of that number, from 1: the plan of a loop over every call that there is. */
export function faultAt(number: number, fault: Fault, target: FaultTarget = {}): FaultPlan {
  let count = 0;
  return ({ method }) => {
    if (target.methods?.includes(method) === false) return undefined;
    count++;
    return count === number || (target.isOnwards === true && count > number) ? fault : undefined;
  };
}

/** How often and what goes wrong by chance. */
export interface FaultRates {
  /** The probability that a call meets a fault. Default: 0.05. */
  readonly rate?: number | undefined;
  /** The kinds of fault, each as likely. Default: `before`, `after`, `torn`, `full`. */
  readonly types?: readonly Fault["type"][] | undefined;
  /** The longest delay of a slow call. Default: 100. */
  readonly delayMsMax?: number | undefined;
}

/** Plans faults by chance, from a seed: the same calls meet the same faults. */
export function seededFaults(seed: number, rates: FaultRates = {}): FaultPlan {
  const random = new SeededRandom(seed);
  const { rate = 0.05, types = ["before", "after", "torn", "full"], delayMsMax = 100 } = rates;
  return ({ ops }) => {
    // Always as many draws, so that the fault of a call does not depend on those before it.
    const isStruck = random.chance(rate);
    const type = random.pick(types);
    const amount = random.uint32();
    if (!isStruck) return undefined;
    if (type === "torn") return { type, applied: amount % ((ops?.length ?? 0) + 1) };
    if (type === "slow") return { type, delayMs: amount % (delayMsMax + 1) };
    return type === "flip" ? { type, bit: amount } : { type };
  };
}
