import { isZspineError, quote, ZspineError } from "@zspine/core";
import type { CommitSnapshot, Store } from "@zspine/store";
import type { Hold, TemporalTrace } from "@zspine/temporal";
import { isTimed } from "../commit/target.ts";
import type { StoredMigration } from "./migration-state.ts";
import type { Move } from "./move.ts";

type Times = StoredMigration["times"];

/**
 * What a migration reads, held from its beginning to its end: one commit, under a name that survives restarts, and of temporal
 * traces what lies between two times, under two more: one keeps history from being folded, the other what is complete from
 * being corrected.
 */
export class Sources {
  readonly source: number;
  readonly times: Times;
  readonly commit: CommitSnapshot | undefined;
  private readonly handles: readonly Hold[];

  private constructor(
    source: number,
    times: Times,
    commit: CommitSnapshot | undefined,
    handles: readonly Hold[],
  ) {
    this.source = source;
    this.times = times;
    this.commit = commit;
    this.handles = handles;
  }

  /** Holds what there is now. */
  static async begin(from: Store, name: string, moves: readonly Move[]): Promise<Sources> {
    // In one turn: of one commit.
    const now = from.token;
    const until = moves.map((one) => (isTimed(one.from) ? one.from.lastComplete : undefined));
    const source = now === 0 ? 0 : await holdCommit(from, holdNameOf(name), now);
    const traces = moves.map((one) => one.from);
    const handles: Hold[] = [];
    const times: Times[number][] = [];
    try {
      for (const [at, trace] of traces.entries()) {
        const last = until[at];
        if (last === undefined || !isTimed(trace)) times.push(null);
        else times.push(await holdTimes(trace, name, { since: trace.since, until: last }, handles));
      }
      return new Sources(source, times, openCommit(from, name, source), handles);
    } catch (error) {
      for (const handle of handles) handle[Symbol.dispose]();
      throw error;
    }
  }

  /** Goes on with what was held. @throws `ZSPINE_TIME_PASSED` where it is not there any more. */
  static async resume(
    from: Store,
    name: string,
    moves: readonly Move[],
    { source, times }: StoredMigration,
  ): Promise<Sources> {
    const handles: Hold[] = [];
    try {
      for (const [at, held] of times.entries()) {
        const trace = moves[at]!.from;
        if (held !== null && isTimed(trace)) await holdTimes(trace, name, held, handles);
      }
      return new Sources(source, times, openCommit(from, name, source), handles);
    } catch (error) {
      for (const handle of handles) handle[Symbol.dispose]();
      throw error;
    }
  }

  /** Ends it, to be resumed: what has a name is held on. */
  close(): void {
    this.commit?.close();
    for (const handle of this.handles) handle[Symbol.dispose]();
  }

  /** Lets go of all that is held by the name, for good. */
  static async release(from: Store, name: string, moves: readonly Move[]): Promise<void> {
    const holdName = holdNameOf(name);
    if (from.holds().some((hold) => hold.name === holdName)) await from.release(holdName);
    for (const { from: trace } of moves) {
      if (!isTimed(trace)) continue;
      for (const { name: held } of trace.explainSince().holders)
        if (held !== undefined && timeNamesOf(name).includes(held))
          await (await trace.hold({ name: held })).release();
    }
  }
}

function holdNameOf(name: string): string {
  return `migration ${name}`;
}

function timeNamesOf(name: string): readonly [since: string, until: string] {
  return [`migration ${name}`, `migration ${name}, end`];
}

/** Holds the commit; in a store that only reads nothing can be, and nobody writes there. */
async function holdCommit(from: Store, name: string, at: number): Promise<number> {
  try {
    return await from.hold(name, { at });
  } catch (error) {
    if (isZspineError(error, "ZSPINE_NOT_SUPPORTED")) return at;
    throw error;
  }
}

function openCommit(from: Store, name: string, source: number): CommitSnapshot | undefined {
  if (source === 0) return undefined;
  const holdName = holdNameOf(name);
  const held = from.holds().find((hold) => hold.name === holdName);
  if (held?.token === source && held.state !== "expired") return from.atHold(holdName);
  if (from.token === source) return from.at(source);
  throw new ZspineError(
    "ZSPINE_TIME_PASSED",
    `migrate: commit ${source} of the source, of which the migration ${quote(name)} is, cannot be read any more, for nothing holds it; ` +
      "begin again with another name, into traces that are empty",
  );
}

async function holdTimes(
  trace: TemporalTrace<unknown, unknown>,
  name: string,
  times: { readonly since: number; readonly until: number },
  handles: Hold[],
): Promise<{ readonly since: number; readonly until: number }> {
  const [since, until] = timeNamesOf(name);
  try {
    handles.push(await trace.hold({ name: since, at: times.since }));
    handles.push(await trace.hold({ name: until, at: times.until }));
  } catch (error) {
    // A store that only reads: its readers hold what they read, as long as they are open.
    if (!isZspineError(error, "ZSPINE_NOT_SUPPORTED")) throw error;
  }
  return times;
}
