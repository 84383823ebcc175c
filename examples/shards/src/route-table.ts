import { isZspineError } from "@zspine/core";
import { openStore, type Store, type Trace } from "@zspine/store";
import { z } from "zod";
import { compareTexts, positionOf, type Spread } from "./position.ts";
import { ShardsError, type Places } from "./place.ts";

/** Where a shard lies, and where what belongs to it begins: it ends where the next one begins. */
export interface Route {
  readonly shard: string;
  readonly from: string;
  readonly place: string;
  /** Of what place it is a clone that still borrows; `null` for one that stands alone. */
  readonly of: string | null;
}

/** A shard on its way to another place, and how far it is: `copy` until the routes name that place, then `detach`. */
export interface Move {
  readonly shard: string;
  readonly to: string;
  readonly stage: "copy" | "detach";
}

/** Which shard has what, and where: one version of it. */
export interface RouteTable {
  readonly version: number;
  readonly by: Spread;
  /** Ascending by where they begin. */
  readonly routes: readonly Route[];
  readonly moves: readonly Move[];
}

const ROUTES = {
  key: z.string(),
  value: z.object({ from: z.string(), place: z.string(), of: z.string().nullable() }),
};
const MOVES = { key: z.string(), value: z.object({ to: z.string(), stage: z.enum(["copy", "detach"]) }) };

/** The shard that a key belongs to. */
export function shardOf({ by, routes }: RouteTable, key: string): string {
  const position = positionOf(key, by);
  return routes.findLast(({ from }) => compareTexts(from, position) <= 0)!.shard;
}

/** @throws `ShardsError` for a shard that there is not. */
export function routeOf({ routes }: RouteTable, shard: string): Route {
  const found = routes.find((route) => route.shard === shard);
  if (found !== undefined) return found;
  const known = routes.map((route) => route.shard).join(", ");
  throw new ShardsError(`There is no shard "${shard}"; there are ${known}. Name one of these.`);
}

/** The routes as they are kept: in a store of their own, whose writer is the one coordinator that there is. */
export class RouteStore {
  readonly store: Store;
  private readonly rows: Trace<string, { from: string; place: string; of: string | null }>;
  private readonly moves: Trace<string, { to: string; stage: "copy" | "detach" }>;

  private constructor(store: Store, rows: RouteStore["rows"], moves: RouteStore["moves"]) {
    this.store = store;
    this.rows = rows;
    this.moves = moves;
  }

  /** Opens them for the coordinator. @throws (rejects with) `ShardsError` when there is another one. */
  static async open(places: Places, location: string): Promise<RouteStore> {
    try {
      return await RouteStore.over(await openStore({ backend: places(location) }));
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_LOCKED")) throw error;
      throw new ShardsError(
        `Another coordinator has the routes at ${location} open, and there is one at a time. End it first, or take another --state. (${error.message})`,
        { cause: error },
      );
    }
  }

  /** Opens them to be read, beside the coordinator. */
  static async follow(places: Places, location: string, pollMs: number): Promise<RouteStore> {
    const options = { backend: places(location), readOnly: true, follow: { pollMs } };
    return RouteStore.over(await openStore(options));
  }

  private static async over(store: Store): Promise<RouteStore> {
    try {
      const create = !store.has("routes") && store.traces.length === 0;
      return new RouteStore(
        store,
        await store.trace("routes", { ...ROUTES, create }),
        await store.trace("moves", { ...MOVES, create }),
      );
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** The newest version that is committed; `undefined` where nobody has made one. */
  async read(): Promise<RouteTable | undefined> {
    const { store } = this;
    if (store.metadata["version"] === undefined) return undefined;
    using newest = store.at(store.token);
    const { version, by } = newest.metadata as { version: number; by: Spread };
    const [rows, moving] = await Promise.all([newest.of(this.rows).zset(), newest.of(this.moves).zset()]);
    const routes = Array.from(rows, ({ key, value }): Route => ({ shard: key, ...value }));
    routes.sort((a, b) => compareTexts(a.from, b.from));
    const moves = Array.from(moving, ({ key, value }): Move => ({ shard: key, ...value }));
    return { version, by, routes, moves };
  }

  /** Makes the next version, in one commit: all of it is there, or none. @throws (rejects with) as a commit. */
  async put(before: RouteTable | undefined, next: Omit<RouteTable, "version">): Promise<RouteTable> {
    const table = { ...next, version: (before?.version ?? 0) + 1 };
    for (const [from, weight] of [
      [before, -1],
      [table, 1],
    ] as const) {
      for (const { shard, ...value } of from?.routes ?? []) this.rows.insert(shard, value, weight);
      for (const { shard, ...value } of from?.moves ?? []) this.moves.insert(shard, value, weight);
    }
    try {
      await this.store.commit({ metadata: { version: table.version, by: table.by } });
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CONFLICT")) throw error;
      throw new ShardsError(
        "Another coordinator has taken the routes over, so this one ends. Nothing is lost: the other goes on.",
        { cause: error },
      );
    }
    return table;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
