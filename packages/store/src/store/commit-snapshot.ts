import { quote, refused, ZspineError } from "@zspine/core";
import type { Metadata } from "../head/metadata.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Trace } from "../trace/trace.ts";
import type { Committer } from "./committer.ts";

type AnyTrace = Trace<unknown, unknown>;
type AnySnapshot = Snapshot<unknown, unknown>;

/**
 * What one commit has made last, read together: its metadata, and its rows in every trace that is open, whatever was
 * inserted since. Costs a step for each open trace. Close it, or declare it with `using`.
 */
export class CommitSnapshot implements Disposable {
  /** The commit's token. */
  readonly token: number;
  readonly metadata: Metadata;
  private readonly snapshots: ReadonlyMap<AnyTrace, AnySnapshot>;

  /** Use `store.at(token)`. */
  constructor(token: number, metadata: Metadata, traces: Iterable<AnyTrace>) {
    this.token = token;
    this.metadata = metadata;
    this.snapshots = new Map(Array.from(traces, (trace) => [trace, trace.snapshotOfCommitted()]));
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
      `commit ${this.token} cannot be read of ${quote(name)}: pass a trace of this store that was open when store.at() was called`,
    );
  }

  /** Ends it and its snapshots; without effect when it has ended. */
  close(): void {
    for (const snapshot of this.snapshots.values()) snapshot.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Opens a reader of the newest commit; for others see `store.at`. */
export function readCommit(
  token: number,
  { last, metadata }: Pick<Committer, "last" | "metadata">,
  traces: Iterable<AnyTrace>,
): CommitSnapshot {
  if (!Number.isSafeInteger(token) || token < 1 || token > last)
    throw refused(["at"], "the token of a commit of this store", token, "pass what commit() resolved to");
  if (token === last) return new CommitSnapshot(token, metadata, traces);
  throw new ZspineError(
    "ZSPINE_TIME_PASSED",
    `commit ${token} cannot be read any more: ${last} is the newest; take a reader with store.at() when a commit resolves, or in a listener of its event, and keep it open`,
  );
}
