import { dropStore } from "@zspine/store";
import type { Places } from "./place.ts";
import { routeOf, type Move, type RouteTable } from "./route-table.ts";
import type { ShardHandle, ShardPlace } from "./shard.ts";

/** What a move is told of who coordinates it. */
export interface MoveHost {
  readonly places: Places;
  /** The newest version of the routes. */
  table(): RouteTable;
  /** Makes the next version of them. */
  put(next: Omit<RouteTable, "version">): Promise<void>;
  /** The shard at its place, opened if it is not; opened anew if its process is gone. */
  serving(shard: string): Promise<ShardHandle>;
  /** Opens what is to become a shard. */
  open(at: ShardPlace): Promise<ShardHandle>;
  /** Closes what serves a shard. */
  retire(shard: string): Promise<void>;
  /** Has another serve a shard. */
  serve(shard: string, handle: ShardHandle): void;
  /** Runs something between two steps. */
  between<T>(work: () => Promise<T>): Promise<T>;
}

/** The stages of a move, in order; after each of them a process may end, and the move goes on when another begins. */
export const STAGES = [
  "plan",
  "clone",
  "catch up",
  "seal",
  "catch up again",
  "switch",
  "detach",
  "drop",
  "forget",
] as const;
export type Stage = (typeof STAGES)[number];

/** Told of each stage when it begins, and when it is done. */
export type OnStage = (stage: Stage, when: "before" | "after") => void | Promise<void>;

/**
 * Moves a shard, while steps are taken and readers read; goes on with a move that was begun. What is durable says how far it
 * is, and each stage finds out whether it was done: so none is left out, and none has an effect twice.
 */
export async function moveShard(
  host: MoveHost,
  shard: string,
  to: (version: number) => string,
  onStage: OnStage = () => undefined,
): Promise<void> {
  const at = async <T>(stage: Stage, work: () => Promise<T>): Promise<T> => {
    await onStage(stage, "before");
    const result = await work();
    await onStage(stage, "after");
    return result;
  };
  let move = host.table().moves.find((one) => one.shard === shard);
  if (move === undefined) {
    routeOf(host.table(), shard);
    move = await at("plan", () => plan(host, shard, to(host.table().version + 1)));
  }
  if (move.stage === "copy") {
    const target = await copy(host, move, at);
    host.serve(shard, target);
  }
  const served = await host.serving(shard);
  const { of } = routeOf(host.table(), shard);
  // Nobody has the old place open to be written any more, so the loan can be ended there.
  await at("detach", () => served.detach());
  if (of !== null) await at("drop", () => dropStore({ backend: host.places(of) }));
  await at("forget", () => forget(host, shard));
}

type At = <T>(stage: Stage, work: () => Promise<T>) => Promise<T>;

/** Copies a shard, and switches to the copy; gives what serves it from then on. */
async function copy(host: MoveHost, { shard, to }: Move, at: At): Promise<ShardHandle> {
  const { place } = routeOf(host.table(), shard);
  const old = await host.serving(shard);
  await at("clone", () => old.cloneInto(to));
  const target = await host.open({ place: to, of: place });
  try {
    // Steps go on meanwhile; what they bring is for the second time.
    await at("catch up", () => target.catchUp());
    await host.between(async () => {
      await at("seal", async () => {
        await (await host.serving(shard)).seal(to);
        await host.retire(shard);
      });
      await at("catch up again", () => target.catchUp());
      await at("switch", () => switchTo(host, shard, { place: to, of: place }));
    });
    return target;
  } catch (error) {
    await target.close().catch(() => undefined);
    throw error;
  }
}

async function plan(host: MoveHost, shard: string, to: string): Promise<Move> {
  const move: Move = { shard, to, stage: "copy" };
  await host.put({ ...host.table(), moves: [...host.table().moves, move] });
  return move;
}

async function switchTo(host: MoveHost, shard: string, at: ShardPlace): Promise<void> {
  const routes = host.table().routes.map((route) => (route.shard === shard ? { ...route, ...at } : route));
  const moves = host
    .table()
    .moves.map((move) => (move.shard === shard ? ({ ...move, stage: "detach" } as const) : move));
  await host.put({ ...host.table(), routes, moves });
}

async function forget(host: MoveHost, shard: string): Promise<void> {
  const routes = host.table().routes.map((route) => (route.shard === shard ? { ...route, of: null } : route));
  const moves = host.table().moves.filter((move) => move.shard !== shard);
  await host.put({ ...host.table(), routes, moves });
}
