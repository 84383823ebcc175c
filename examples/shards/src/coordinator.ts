import { moveShard, type MoveHost, type OnStage } from "./move.ts";
import { ShardsError, within, type Places } from "./place.ts";
import { boundsOf, type Spread } from "./position.ts";
import { routeOf, RouteStore, shardOf, type RouteTable } from "./route-table.ts";
import type { Change, ShardHandle, ShardPlace, ShardStatus } from "./shard.ts";

/** Opens shards: in this process, or each in one of its own. */
export type Host = (at: ShardPlace, name: string) => Promise<ShardHandle>;

/** The process of a shard has ended; what it had not acknowledged may have been taken or not. */
export class ShardGoneError extends Error {
  override readonly name = "ShardGoneError";
}

/** What the coordinator is told. */
export interface CoordinatorOptions {
  readonly state: string;
  readonly places: Places;
  readonly host: Host;
  /** How many shards, and by what they are parted; of a state that is there as it is, unless told otherwise. */
  readonly shards?: number | undefined;
  readonly by?: Spread | undefined;
  /** Told of each stage of a move that was begun by another before. */
  readonly onStage?: OnStage | undefined;
}

const SHARDS_DEFAULT = 4;
/** How often one call to a shard is made while its processes end. */
const TRIES = 3;

/** Parts each step among the shards, and moves them. Keeps nothing that is not in a store. */
export class Coordinator {
  private readonly options: CoordinatorOptions;
  private readonly routes: RouteStore;
  private current: RouteTable;
  private readonly serving = new Map<string, Promise<ShardHandle>>();
  private turn: Promise<unknown> = Promise.resolve();
  private restarted = 0;

  private constructor(options: CoordinatorOptions, routes: RouteStore, table: RouteTable) {
    this.options = options;
    this.routes = routes;
    this.current = table;
  }

  /** Opens what is there, or makes it, and goes on with moves that were begun. @throws (rejects with) `ShardsError`. */
  static async open(options: CoordinatorOptions): Promise<Coordinator> {
    const routes = await RouteStore.open(options.places, within(options.state, "routes"));
    let opened: { close(): Promise<void> } = routes;
    try {
      const table = (await routes.read()) ?? (await make(routes, options));
      checkSame(table, options);
      const coordinator = (opened = new Coordinator(options, routes, table));
      for (const { shard } of table.moves) await coordinator.move(shard, options.onStage);
      await coordinator.status();
      return coordinator;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  get table(): RouteTable {
    return this.current;
  }

  /** How many processes of shards have been started in the place of others. */
  get restarts(): number {
    return this.restarted;
  }

  /** How the shards are, by name. */
  async status(): Promise<ReadonlyMap<string, ShardStatus>> {
    const all = this.current.routes.map(
      async ({ shard }) => [shard, await this.ask(shard, (handle) => handle.status())] as const,
    );
    return new Map(await Promise.all(all));
  }

  /** The first step that some shard does not have. */
  async upper(): Promise<number> {
    return Math.min(...[...(await this.status()).values()].map(({ upper }) => upper));
  }

  /** Takes a step: each shard gets the rows that belong to it, and goes on without, too. Those that have it do nothing. */
  step(time: number, rows: readonly Change[]): Promise<void> {
    return this.between(async () => {
      const parted = new Map<string, Change[]>(this.current.routes.map(({ shard }) => [shard, []]));
      for (const row of rows) parted.get(shardOf(this.current, row.key))!.push(row);
      const steps = [...parted].map(([shard, own]) => this.ask(shard, (handle) => handle.step(time, own)));
      await Promise.all(steps);
    });
  }

  /** Lets all shards fold what lies below a time, which the slowest reader does not ask for any more. */
  async readersAt(time: number): Promise<void> {
    await this.between(() =>
      Promise.all(this.current.routes.map(({ shard }) => this.ask(shard, (handle) => handle.holdAt(time)))),
    );
  }

  /** Moves a shard to a place of its own within the state. @throws (rejects with) `ShardsError` for one that there is not. */
  async move(shard: string, onStage?: OnStage): Promise<void> {
    const to = (version: number): string => within(this.options.state, `${shard}-${version}`);
    for (let tries = 1; ; tries++) {
      try {
        return await moveShard(this.moveHost(), shard, to, onStage);
      } catch (error) {
        if (!(error instanceof ShardGoneError) || tries === TRIES) throw error;
        this.restarted++;
      }
    }
  }

  async close(): Promise<void> {
    await this.turn.catch(() => undefined);
    const handles = await Promise.allSettled(this.serving.values());
    await Promise.allSettled(
      handles.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)),
    );
    await this.routes.close();
  }

  private moveHost(): MoveHost {
    return {
      places: this.options.places,
      table: () => this.current,
      put: async (next) => {
        this.current = await this.routes.put(this.current, next);
      },
      serving: async (shard) => {
        await this.ask(shard, (handle) => handle.status());
        return this.handle(shard);
      },
      open: (at) => this.options.host(at, `clone ${at.place}`),
      retire: async (shard) => {
        const handle = await this.handle(shard);
        this.serving.delete(shard);
        await handle.close();
      },
      serve: (shard, handle) => this.serving.set(shard, Promise.resolve(handle)),
      between: (work) => this.between(work),
    };
  }

  /** Asks a shard; when its process ends meanwhile, another, which finds in its store what was done. */
  private async ask<T>(shard: string, call: (handle: ShardHandle) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const opened = this.handle(shard);
      try {
        return await call(await opened);
      } catch (error) {
        if (this.serving.get(shard) === opened) this.serving.delete(shard);
        if (!(error instanceof ShardGoneError)) {
          // What it has not committed goes with it, and the next call opens another.
          await opened.then((handle) => handle.close()).catch(() => undefined);
          throw error;
        }
        if (tries === TRIES)
          throw new ShardsError(
            `The process of shard ${shard} has ended ${TRIES} times while it was asked the same: ${error.message}. What is committed is there; see why it ends, and start again.`,
            { cause: error },
          );
        this.restarted++;
      }
    }
  }

  private handle(shard: string): Promise<ShardHandle> {
    let opened = this.serving.get(shard);
    if (opened === undefined) {
      const { place, of } = routeOf(this.current, shard);
      opened = this.options.host({ place, of }, shard);
      // Who asks is told.
      opened.catch(() => undefined);
      this.serving.set(shard, opened);
    }
    return opened;
  }

  private between<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work, work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

function make(routes: RouteStore, options: CoordinatorOptions): Promise<RouteTable> {
  const { by = "hash", shards = SHARDS_DEFAULT, state } = options;
  const bounds = boundsOf(by, shards);
  const made = bounds.map((from, at) => {
    const shard = `s${at}`;
    return { shard, from, place: within(state, shard), of: null };
  });
  return routes.put(undefined, { by, routes: made, moves: [] });
}

function checkSame({ by, routes }: RouteTable, options: CoordinatorOptions): void {
  const { shards = routes.length, by: asked = by } = options;
  if (shards === routes.length && asked === by) return;
  throw new ShardsError(
    `The state at ${options.state} has ${routes.length} shards by ${by}, and ${shards} by ${asked} were asked for. Leave --shards and --by out to go on with it, or take another --state.`,
  );
}
