import {
  isZspineError,
  SIGNAL,
  throwIfAborted,
  ZspineError,
  type Backend,
  type BackendOpener,
} from "@zspine/core";
import { drawId } from "@zspine/core/engine";
import { decodeHead } from "../head/decode-head.ts";
import { encodeHead } from "../head/head.ts";
import { ENDED, LOAN_PREFIX, ORIGIN } from "../head/loan-name.ts";
import { checkEmpty, checkValue, firstHead, type CopyOptions } from "../recovery/copy-head.ts";
import { HeadReader } from "../recovery/head-reader.ts";
import { decodeLoan, encodeLoan, fileOfLoan, placeOfLoan, type Loan } from "../tier/loan.ts";
import type { StoreParts } from "./assemble.ts";
import { checkPlaces, type ClonePlaces } from "./clone.ts";
import { isStore } from "./clone-source.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./store.ts";
import { partsOf } from "./store-parts.ts";
import { checkName } from "./trace-table.ts";
import { checkWork, type WaitOptions } from "./work-options.ts";

/** How to clone a store. */
export interface CloneOptions extends ClonePlaces, WaitOptions {
  /** The source: a store that is open here, or where one lies that nobody has open. */
  readonly of: BackendOpener | Store;
  /** Where the clone is to be: a durable place without a store. */
  readonly into: BackendOpener;
  /** The name of the clone in its source, which keeps what it borrows under it. */
  readonly name: string;
}

/**
 * Makes a store that begins with what another has committed, and copies none of it: the clone borrows the values of its
 * source, which keeps them for it under `name`, whatever it merges, compacts or drops. Costs a head and a list of values on
 * either side. Both are written to as stores are, and know nothing of each other's rows from then on. Open it over `clone()`.
 *
 * As in a copy, commits are numbered anew, and commits that were held are not. What is borrowed ends when the clone has
 * merged it away and is closed, with `detachClone()`, when it is dropped over `clone()`, or by `releaseClone()` of the source.
 * Killed in the middle, there is no clone in `into`; calling it again goes on. `store.clones()` of the source tells of it.
 *
 * @throws (rejects with) `ZSPINE_CONFLICT` when the target holds a store, when the source has another clone of the name,
 *   or nothing committed; `ZSPINE_NOT_SUPPORTED` where either is not durable, or the source is read only; `ZSPINE_LOCKED`
 *   when another handle has the source open: pass its store; `ZSPINE_ABORTED`; as a commit of the source.
 */
export async function cloneStore(given: CloneOptions): Promise<void> {
  const { of, into, name, signal } = checkPlaces(given, "cloneStore", { name: NAME, signal: SIGNAL });
  checkName(name);
  throwIfAborted(signal, "cloneStore");
  if (isStore(of)) return cloneOpen(partsOf(of)!, into, name, signal);
  await using store = await openStore({ backend: of });
  await cloneOpen(partsOf(store)!, into, name, signal);
}

const NAME = { expected: "a name", accepts: (found: unknown) => typeof found === "string" };

async function cloneOpen(
  parts: StoreParts,
  into: BackendOpener,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { backend, clones, committer, files, gate, options, queue } = parts;
  gate.check();
  if (!backend.capabilities.durable || options.isReadOnly) throw unlendable(backend);
  await queue.settled();
  const held = committer.holdHeads();
  const values = new Map<string, number>();
  for (const file of files.ofTraces())
    file.values.forEach((value, at) => values.set(value, file.valueBytes[at]!));
  try {
    const [newest] = held.heads;
    if (newest === undefined)
      throw new ZspineError("ZSPINE_CONFLICT", "nothing is committed yet; commit first");
    const target = await into.open();
    try {
      if (!target.capabilities.durable) throw unlendable(target);
      await checkEmpty(target);
      throwIfAborted(signal, "cloneStore");
      const before = await begunLoan(target);
      const id =
        before?.name === name && clones.idOf(name) === before.id ? before.id : drawId(options.environment);
      const loan = { id, name, values: [...values.keys()], valueBytes: [...values.values()] };
      checkFree(clones.idOf(name), loan);
      await target.write([ORIGIN, ENDED].map((value) => ({ type: "remove", name: value }) as const));
      // First, so that what the source keeps from then on has an owner that says so, wherever this ends.
      await target.write([{ type: "put", name: ORIGIN, bytes: encodeLoan(ORIGIN, loan) }]);
      await lend(parts, loan);
      const first = encodeHead(firstHead(decodeHead(newest.bytes, newest.number), held.traces));
      await target.createHead(1, first, []).catch(async (error: unknown) => {
        // What is not known to have failed may be there, and is found out by calling this again.
        if (isZspineError(error) && error.determinate) await clones.releaseId(id);
        throw error;
      });
    } finally {
      await target.close();
    }
  } finally {
    held.release();
  }
}

/** Has a store keep what a clone borrows. @throws (rejects with) as a commit. */
async function lend({ backend, clones, stored }: StoreParts, loan: Loan): Promise<void> {
  const value = `${LOAN_PREFIX}${stored!.names.next().id}`;
  const bytes = encodeLoan(value, loan);
  const entry = { name: loan.name, id: loan.id, loan: placeOfLoan(value, bytes) };
  await clones.lend(entry, fileOfLoan(entry, loan), () =>
    backend.write([{ type: "put", name: value, bytes }]),
  );
}

/** What a call that was cut short has left in the place of a clone. */
async function begunLoan(target: Backend): Promise<Loan | undefined> {
  const bytes = await target.get(ORIGIN);
  try {
    return bytes && decodeLoan(bytes, ORIGIN);
  } catch (error) {
    if (isZspineError(error, "ZSPINE_CORRUPT")) return undefined;
    throw error;
  }
}

/** @throws `ZSPINE_CONFLICT` when the source has another clone of the name. */
function checkFree(existing: string | undefined, { id, name }: Loan): void {
  if (existing === undefined || existing === id) return;
  throw new ZspineError(
    "ZSPINE_CONFLICT",
    `the store has a clone ${JSON.stringify(name)} already; give this one another name, or, if the place of that one is gone, let go ` +
      "of it with store.releaseClone() first",
    { path: ["cloneStore", "name"] },
  );
}

function unlendable({ type, capabilities }: Backend): ZspineError {
  const why = capabilities.durable ? "is open to be read only" : "is not durable";
  return new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `a clone needs a source and a place that are written to and kept, and the backend ${JSON.stringify(type)} ${why}; ` +
      "use a durable one, or insert the rows into another store",
  );
}

/**
 * Makes a clone a store of its own: copies to its place what it still borrows, checking it on the way, and then has the source
 * let go of it. The clone may be read and written to meanwhile. From then on its place is opened without its source too.
 * Does nothing to a clone that borrows nothing any more. Cut short, it goes on at the next call.
 *
 * @param store A store over `clone()`.
 * @throws (rejects with) `ZSPINE_NOT_SUPPORTED` for another store; `ZSPINE_CORRUPT` for damage in the source, and what is
 *   borrowed still stays so; `ZSPINE_LOCKED` when another handle has the source open: pass its store as `of`; `ZSPINE_ABORTED`.
 */
export async function detachClone(store: Store, given: CopyOptions = {}): Promise<void> {
  const options = checkWork(given, "detachClone");
  const parts = partsOf(store);
  parts?.gate.check();
  const borrowing = parts?.borrowing;
  if (parts === undefined || borrowing === undefined) {
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      "detachClone() is for a store that borrows from another: one over clone({ of, into }); this one has all that is its own",
    );
  }
  const held = parts.committer.holdHeads();
  try {
    const traces = await new HeadReader(parts.backend).dormant(held.traces);
    const batches = traces.flatMap((trace) => trace.batches);
    const { names } = borrowing;
    let bytes = 0;
    for (const [at, name] of names.entries()) {
      throwIfAborted(options.signal, "detachClone");
      parts.gate.check();
      bytes += await borrowing.take(name, (value) => checkValue(name, value, batches));
      options.onProgress?.({ values: at + 1, valuesTotal: names.length, bytes });
    }
  } finally {
    held.release();
  }
  await borrowing.end();
}
