import { openStore } from "@zspine/store";
import { Coordinator } from "./coordinator.ts";
import { places, ShardsError } from "./place.ts";
import type { Spread } from "./position.ts";
import { routeOf } from "./route-table.ts";
import { ShardReader } from "./reader.ts";
import { rowsOf, type Change, type RowTrace } from "./shard.ts";
import { ShardProcess } from "./shard-process.ts";
import { stepOf } from "./steps.ts";

/** What is to be shown. */
export interface Demonstration {
  readonly state: string;
  readonly steps: number;
  readonly shards: number | undefined;
  readonly by: Spread | undefined;
  /** The shard that is moved; by default the first. */
  readonly move: string | undefined;
  /** The program that processes of shards run. */
  readonly program: string;
  readonly signal: AbortSignal;
  tell(line: string): void;
}

/** Takes steps, kills a process, moves a shard, and compares each answer with a store that has all. Whether all are equal. */
export async function demonstrate(shown: Demonstration): Promise<boolean> {
  const { program, signal, state, tell } = shown;
  const running = new Map<string, ShardProcess>();
  const host = ShardProcess.host(program, (started, name) => running.set(name, started));
  const coordinator = await Coordinator.open({ ...shown, places, host });
  try {
    await using whole = await openStore();
    const all = await rowsOf(whole);
    all.advance(0);
    const begun = await coordinator.upper();
    // What the shards have by now, a store that has all has, too.
    for (let time = 0; time < begun; time++) await take(all, whole, time);
    const reader = await ShardReader.open(places, state);
    try {
      tell(begun === 0 ? `New state in ${state}.` : `Going on after ${begun} steps in ${state}.`);
      const phases = phasesOf(shown, coordinator, running);
      const until = begun + shown.steps;
      let areEqual = true;
      let first = begun;
      for (const [at, { name, work }] of phases.entries()) {
        const last =
          at === phases.length - 1 ? until : begun + Math.floor((shown.steps * (at + 1)) / phases.length);
        const steps = async (): Promise<void> => {
          for (let time = first; time < last; time++) {
            await Promise.all([coordinator.step(time, stepOf(time)), take(all, whole, time)]);
            signal.throwIfAborted();
          }
        };
        await Promise.all([work(), steps()]);
        let equal = 0;
        for (let time = first; time < last; time++)
          if (textOf(await reader.asOf(time, {}, signal)) === textOf(await rowsAt(all, time))) equal++;
        const isEqual = equal === last - first;
        areEqual &&= isEqual;
        tell(
          last === first
            ? `${name}: no steps, so nothing to compare`
            : `${name}: as of steps ${first} to ${last - 1} the same as one store: ${isEqual ? "PASS" : "FAIL"}`,
        );
        await coordinator.readersAt(last - 1);
        first = last;
      }
      await tellShards(coordinator, tell);
      return areEqual;
    } finally {
      await reader.close();
    }
  } finally {
    await coordinator.close();
  }
}

interface Phase {
  readonly name: string;
  work(): Promise<void>;
}

/** What happens while steps are taken. */
function phasesOf(
  { move }: Demonstration,
  coordinator: Coordinator,
  running: ReadonlyMap<string, ShardProcess>,
): Phase[] {
  const { routes } = coordinator.table;
  const moved = routeOf(coordinator.table, move ?? routes[0]!.shard).shard;
  const killed = routes.at(-1)!.shard;
  return [
    { name: "undisturbed", work: async () => undefined },
    {
      name: `${killed} killed with -9`,
      work: async () => void running.get(killed)?.child.kill("SIGKILL"),
    },
    { name: `${moved} moved`, work: () => coordinator.move(moved) },
  ];
}

async function take(
  rows: RowTrace,
  store: Awaited<ReturnType<typeof openStore>>,
  time: number,
): Promise<void> {
  rows.insertAll(time, stepOf(time));
  rows.advance(time + 1);
  await store.commit();
}

async function rowsAt(rows: RowTrace, time: number): Promise<Change[]> {
  using then = await rows.asOf(time);
  const found: Change[] = [];
  for await (const row of then.rows()) found.push(row);
  return found;
}

function textOf(rows: readonly Change[]): string {
  return rows.map(({ key, value, weight }) => `${key} ${value} ${weight}`).join("\n");
}

async function tellShards(coordinator: Coordinator, tell: (line: string) => void): Promise<void> {
  const { by, routes, version } = coordinator.table;
  const statuses = await coordinator.status();
  tell(`\nRoutes by ${by}, version ${version}; processes started again: ${coordinator.restarts}.\n`);
  tell("shard  from      rows  since  upper  place");
  for (const { shard, from, place } of routes) {
    const status = statuses.get(shard);
    if (status === undefined) throw new ShardsError(`Shard ${shard} has told nothing of itself.`);
    const { rows, since, upper } = status;
    const told = [
      shard.padEnd(5),
      from.padEnd(8),
      `${rows}`.padStart(5),
      `${since}`.padStart(5),
      `${upper}`.padStart(5),
    ];
    tell(`${told.join("  ")}  ${place}`);
  }
}
