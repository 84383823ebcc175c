import { isZspineError } from "@zspine/core";
import { clone, cloneStore, detachClone, openStore, type Store } from "@zspine/store";
import { temporalTrace, type Hold, type TemporalTrace } from "@zspine/temporal";
import { z } from "zod";
import { ShardsError, type Places } from "./place.ts";

/** A row, and by how much its weight changes. */
export interface Change {
  readonly key: string;
  readonly value: number;
  readonly weight: number;
}

export type RowTrace = TemporalTrace<string, number>;

/** Where a shard lies: its place, and that of which it is a clone that still borrows. */
export interface ShardPlace {
  readonly place: string;
  readonly of: string | null;
}

/** What a shard tells of itself. */
export interface ShardStatus {
  /** The first step that it does not have yet. */
  readonly upper: number;
  readonly since: number;
  /** No fewer than the rows with their times that are stored. */
  readonly rows: number;
}

/** What is asked of a shard, here or in a process of its own. */
export interface ShardHandle {
  /** Takes a step, unless it has it; resolves to its upper. */
  step(time: number, rows: readonly Change[]): Promise<number>;
  /** Lets history below a time be folded. */
  holdAt(time: number): Promise<void>;
  status(): Promise<ShardStatus>;
  /** Makes a clone of what is committed, unless that is there. */
  cloneInto(place: string): Promise<void>;
  /** Says for good that the shard goes on in another place: its last commit. */
  seal(movedTo: string): Promise<void>;
  /** Takes from the place that it is a clone of what that has had since; resolves to its upper. */
  catchUp(): Promise<number>;
  /** Copies what it still borrows, and ends the loan. The place of which it is a clone must not be open to be written. */
  detach(): Promise<void>;
  close(): Promise<void>;
}

const ROWS = { key: z.string(), value: z.int32() };
/** Holds what the slowest reader may still ask for. */
const READERS = "readers";
/** Holds what a clone has still to catch up with. */
const MOVE = "move";

/** Opens the rows of a shard. */
export function rowsOf(store: Store): Promise<RowTrace> {
  return temporalTrace(store, "rows", ROWS);
}

/** The backend of a shard. */
export function backendOf(places: Places, { place, of }: ShardPlace): ReturnType<Places> {
  return of === null ? places(place) : clone({ of: places(of), into: places(place) });
}

/** The one writer of a shard. */
export class Shard implements ShardHandle {
  private readonly places: Places;
  private readonly at: ShardPlace;
  private readonly store: Store;
  private readonly rows: RowTrace;
  private readonly readers: Hold;

  private constructor(places: Places, at: ShardPlace, store: Store, rows: RowTrace, readers: Hold) {
    this.places = places;
    this.at = at;
    this.store = store;
    this.rows = rows;
    this.readers = readers;
  }

  /** Opens it; makes it where there is none, with all of history complete before step 0. */
  static async open(places: Places, at: ShardPlace): Promise<Shard> {
    const store = await openStore({ backend: backendOf(places, at) });
    try {
      const rows = await rowsOf(store);
      if (rows.lastComplete === undefined) {
        rows.advance(0);
        await store.commit();
      }
      // Nothing is kept but what somebody holds: the hold is in heads, and goes on where it was.
      const readers = await rows.hold({ name: READERS });
      rows.retain({ times: 0 });
      return new Shard(places, at, store, rows, readers);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async step(time: number, changes: readonly Change[]): Promise<number> {
    const { rows, store } = this;
    const { movedTo } = store.metadata;
    if (typeof movedTo === "string")
      throw new ShardsError(`What lay at ${this.at.place} goes on at ${movedTo}; ask for it there.`);
    // It has been taken before the process ended: the rows of a step and that it is complete are one commit.
    if (time < rows.upper) return rows.upper;
    if (time > rows.upper)
      throw new ShardsError(`Step ${rows.upper} comes next at ${this.at.place}, not ${time}.`);
    rows.insertAll(time, changes);
    rows.advance(time + 1);
    await store.commit();
    return rows.upper;
  }

  async holdAt(time: number): Promise<void> {
    if (time > this.readers.at) await this.readers.advance(time);
  }

  async status(): Promise<ShardStatus> {
    const { upper, since, size } = this.rows;
    return { upper, since, rows: size };
  }

  async cloneInto(place: string): Promise<void> {
    const { places, rows, store } = this;
    // First, so that all that comes after the clone can be told by its times; taken again, it stays where it was.
    await rows.hold({ name: MOVE });
    try {
      await cloneStore({ of: store, into: places(place), name: place });
    } catch (error) {
      // The place is named by a version of the routes, so nobody else has made what is there.
      const isThere = store.clones().some(({ name }) => name === place);
      if (!isThere || !isZspineError(error, "ZSPINE_CONFLICT")) throw error;
    }
  }

  async seal(movedTo: string): Promise<void> {
    if (this.store.metadata["movedTo"] === undefined) await this.store.commit({ metadata: { movedTo } });
  }

  async catchUp(): Promise<number> {
    const { at, places, rows, store } = this;
    if (at.of === null) return rows.upper;
    await using source = await openStore({ backend: places(at.of), readOnly: true });
    const from = await rowsOf(source);
    const until = from.upper - 1;
    const after = rows.upper - 1;
    if (until <= after) return rows.upper;
    for (const { time, rows: changed } of await from.changesByTime({ after, until }))
      rows.insertBatch(time, changed);
    rows.advance(until + 1);
    await store.commit();
    return rows.upper;
  }

  async detach(): Promise<void> {
    if (this.at.of !== null) await detachClone(this.store);
    // It came along with the rows of the source.
    const move = await this.rows.hold({ name: MOVE });
    await move.release();
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
