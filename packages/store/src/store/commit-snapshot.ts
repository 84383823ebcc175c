import { quote, refused, ZspineError } from "@zspine/core";
import type { Metadata } from "../head/metadata.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Trace } from "../trace/trace.ts";
import type { HeldCommits } from "./held-commits.ts";

type AnyTrace = Trace<unknown, unknown>;
type AnySnapshot = Snapshot<unknown, unknown>;

/** A commit that is held, or the newest one, and the traces that are read of it. */
interface ReadableCommit extends Pick<CommitSnapshot, "token" | "metadata"> {
  readonly traces: Iterable<AnyTrace>;
  readonly held: HeldCommits;
}

/**
 * What one commit has made last, read together: its metadata, and its rows in every trace that is open, whatever was
 * inserted since. As long as it is open the commit can be held by a name: see `store.hold()`. Costs a step for each open trace. Close it, or declare it with `using`.
 */
export class CommitSnapshot implements Disposable {
  /** The commit's token. */
  readonly token: number;
  readonly metadata: Metadata;
  private readonly snapshots: ReadonlyMap<AnyTrace, AnySnapshot>;
  private held: HeldCommits | undefined;

  /** Use `store.at(token)` or `store.atHold(name)`. */
  constructor({ token, metadata, traces, held }: ReadableCommit) {
    this.token = token;
    this.metadata = metadata;
    this.held = held;
    held.hold(token, metadata);
    this.snapshots = new Map(Array.from(traces, (trace) => [trace, trace.snapshotOf(token)]));
  }

  /**
   * Gives the rows of a trace; it ends with this.
   *
   * @throws `ZSPINE_UNKNOWN_NAME` for a trace that was not open when this was taken.
   */
  of<K, V>(trace: Trace<K, V>): Snapshot<K, V> {
    const snapshot = this.snapshots.get(trace as unknown as AnyTrace);
    if (snapshot !== undefined) return snapshot as unknown as Snapshot<K, V>;
    const name: unknown = (trace as Partial<Trace<K, V>> | undefined)?.name;
    throw new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `commit ${this.token} cannot be read of ${quote(name)}: pass a trace of this store that was open when store.at() or store.atHold() was called`,
    );
  }

  /** Ends it and its snapshots; without effect when it has ended. */
  close(): void {
    for (const snapshot of this.snapshots.values()) snapshot.close();
    this.held?.release(this.token);
    this.held = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no token of a store whose newest is `last`. */
export function checkToken(what: string, token: unknown, last: number): asserts token is number {
  if (Number.isSafeInteger(token) && (token as number) >= 1 && (token as number) <= last) return;
  throw refused([what], "the token of a commit of this store", token, "pass what commit() resolved to");
}

/** Makes the error for a commit that cannot be read any more. */
export function commitPassed(token: number, last: number): ZspineError {
  return new ZspineError(
    "ZSPINE_TIME_PASSED",
    `commit ${token} cannot be read any more: ${last} is the newest; take a reader with store.at() when a commit resolves, or in a listener of its event, and keep it open, or hold it with store.hold()`,
  );
}
