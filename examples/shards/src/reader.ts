import { isZspineError, type ZspineError } from "@zspine/core";
import { openStore, type Store } from "@zspine/store";
import { compareTexts } from "./position.ts";
import { ShardsError, within, type Places } from "./place.ts";
import { RouteStore, type Route, type RouteTable } from "./route-table.ts";
import { backendOf, rowsOf, type Change, type RowTrace } from "./shard.ts";

/** Rows of keys from one on, up to another. */
export interface KeyRange {
  readonly gte?: string | undefined;
  readonly lt?: string | undefined;
}

/** A shard as it is read. */
interface ReadShard {
  readonly route: Route;
  readonly store: Store;
  readonly rows: RowTrace;
}

/** How often a read is begun anew, because rows were merged or a shard has moved. */
const TRIES = 10;

/**
 * Reads all shards as of one time, beside their writers, which know nothing of it: it follows the routes and each of the
 * stores. An answer is of one time in all shards, and of one version of the routes.
 */
export class ShardReader {
  private readonly places: Places;
  private readonly pollMs: number;
  private readonly routes: RouteStore;
  private table: RouteTable;
  private shards = new Map<string, ReadShard>();
  private changed = new AbortController();

  private constructor(places: Places, routes: RouteStore, table: RouteTable, pollMs: number) {
    this.places = places;
    this.routes = routes;
    this.table = table;
    this.pollMs = pollMs;
    routes.store.on("follow", () => {
      this.changed.abort();
      this.changed = new AbortController();
    });
  }

  /** @throws (rejects with) `ShardsError` where there are no shards yet; as `openStore`. */
  static async open(places: Places, state: string, pollMs = 50): Promise<ShardReader> {
    const routes = await RouteStore.follow(places, within(state, "routes"), pollMs).catch(
      (cause: unknown) => {
        throw new ShardsError(`There are no shards at ${state} that can be read: ${String(cause)}`, {
          cause,
        });
      },
    );
    const table = await routes.read();
    if (table !== undefined) return new ShardReader(places, routes, table, pollMs);
    await routes.close();
    throw new ShardsError(`There are no shards at ${state} yet; start the coordinator first.`);
  }

  /** Waits until a step is complete in all shards, and gives the rows as of it, in the order of keys and values. */
  async asOf(time: number, range: KeyRange = {}, signal?: AbortSignal): Promise<Change[]> {
    for (let tries = 1; ; tries++) {
      const { signal: changed } = this.changed;
      const either = signal === undefined ? changed : AbortSignal.any([changed, signal]);
      try {
        await this.follow();
        const shards = [...this.shards.values()].filter(({ route }) => this.meets(route, range));
        await Promise.all(shards.map(({ rows }) => rows.waitFor(time, { signal: either })));
        const parts = await Promise.all(shards.map((shard) => readRows(shard, time, range)));
        return this.table.by === "range" ? parts.flat() : parts.reduce(merge, []);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isZspineError(error) || !(await this.goOn(error, tries))) throw error;
      }
    }
  }

  /** Whether a read is worth another try, which it prepares: a shard has moved, or rows were merged meanwhile. */
  private async goOn(error: ZspineError, tries: number): Promise<boolean> {
    await this.routes.store.refresh();
    if ((await this.routes.read())?.version !== this.table.version) return true;
    if (tries === TRIES) return false;
    const moving = [...this.shards.values()].filter(({ route }) => route.of !== null);
    // What is copied from the place that it comes from is not asked for there any more by who opens it now.
    await Promise.all(moving.map(({ store }) => store.close()));
    for (const { route } of moving) this.shards.delete(route.shard);
    await this.refresh();
    return moving.length > 0 || error.code === "ZSPINE_TIME_PASSED" || error.code === "ZSPINE_ABORTED";
  }

  /** The first step that is not complete in every shard. */
  async upper(): Promise<number> {
    await this.follow();
    return Math.min(...[...this.shards.values()].map(({ rows }) => rows.upper));
  }

  async close(): Promise<void> {
    await this.routes.close();
    await Promise.all([...this.shards.values()].map(({ store }) => store.close()));
  }

  /** Opens the shards where the routes say now. */
  private async follow(): Promise<void> {
    this.table = (await this.routes.read()) ?? this.table;
    const shards = new Map<string, ReadShard>();
    for (const route of this.table.routes) {
      let shard = this.shards.get(route.shard);
      if (shard?.route.place !== route.place) {
        await shard?.store.close();
        this.shards.delete(route.shard);
        shard = await this.openShard(route);
        // Already, so that it is closed with the others if the next one cannot be opened.
        this.shards.set(route.shard, shard);
      }
      shards.set(route.shard, shard);
    }
    // In the order of the routes.
    this.shards = shards;
  }

  private async openShard(route: Route): Promise<ReadShard> {
    const store = await openStore({
      backend: backendOf(this.places, route),
      readOnly: true,
      follow: { pollMs: this.pollMs },
    });
    try {
      return { route, store, rows: await rowsOf(store) };
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private async refresh(): Promise<void> {
    await Promise.all([...this.shards.values()].map(({ store }) => store.refresh()));
  }

  /** Whether a shard can have rows of a range of keys. */
  private meets({ from, shard }: Route, { gte, lt }: KeyRange): boolean {
    const { by, routes } = this.table;
    if (by === "hash") return true;
    const next = routes[routes.findIndex((route) => route.shard === shard) + 1];
    if (lt !== undefined && compareTexts(from, lt) >= 0) return false;
    return gte === undefined || next === undefined || compareTexts(next.from, gte) > 0;
  }
}

async function readRows({ rows }: ReadShard, time: number, range: KeyRange): Promise<Change[]> {
  using then = await rows.asOf(time);
  const found: Change[] = [];
  for await (const row of then.rows(range)) found.push(row);
  return found;
}

/** Merges rows of two shards by key; no key is in both. */
function merge(a: readonly Change[], b: readonly Change[]): Change[] {
  const merged: Change[] = [];
  let [at, to] = [0, 0];
  while (at < a.length || to < b.length) {
    const isNext = to === b.length || (at < a.length && compareTexts(a[at]!.key, b[to]!.key) < 0);
    merged.push(isNext ? a[at++]! : b[to++]!);
  }
  return merged;
}
