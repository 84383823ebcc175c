import { memory } from "@zspine/backend-memory";
import { retained } from "@zspine/conformance";
import { openStore, type Store } from "@zspine/store";
import { expect } from "vitest";
import { Coordinator, type CoordinatorOptions } from "../src/coordinator.ts";
import type { Places } from "../src/place.ts";
import { rowsOf, Shard, type Change, type RowTrace } from "../src/shard.ts";
import { ShardReader } from "../src/reader.ts";
import { stepOf } from "../src/steps.ts";

export const STATE = "memory";

/** Places in memory that outlive the processes of a test, all of which may end at once. */
export class PlacesInMemory {
  private readonly medium = retained(() => memory({ preferredValueBytes: 2048 }));
  private readonly drops = new Map<string, number>();
  private readonly opened = new Set<string>();

  readonly places: Places = (location) => ({
    type: "retained",
    open: (how) => {
      const name = this.nameOf(location);
      this.opened.add(name);
      return this.medium.open(name, how);
    },
    // Another place has its name from then on; who reads the old one finds nothing new in it.
    drop: async () => {
      await (await this.medium.open(this.nameOf(location))).close();
      this.drops.set(location, (this.drops.get(location) ?? 0) + 1);
    },
  });

  /** Lets all processes end, as kill -9 does. */
  kill(): void {
    for (const name of this.opened) this.medium.crash(name);
  }

  isDropped(location: string): boolean {
    return (this.drops.get(location) ?? 0) > 0;
  }

  coordinator(options: Partial<CoordinatorOptions> = {}): Promise<Coordinator> {
    const { places } = this;
    return Coordinator.open({ state: STATE, places, host: (at) => Shard.open(places, at), ...options });
  }

  reader(): Promise<ShardReader> {
    return ShardReader.open(this.places, STATE, 5);
  }

  private nameOf(location: string): string {
    return `${location} ${this.drops.get(location) ?? 0}`;
  }
}

/** One store that takes all steps. */
export class Whole {
  private readonly store: Store;
  private readonly rows: RowTrace;
  next = 0;

  private constructor(store: Store, rows: RowTrace) {
    this.store = store;
    this.rows = rows;
  }

  static async open(): Promise<Whole> {
    const store = await openStore();
    return new Whole(store, await rowsOf(store));
  }

  /** Takes the next step, and has the shards take it. */
  async step(coordinator: Coordinator): Promise<void> {
    const time = this.next++;
    this.rows.insertAll(time, stepOf(time));
    this.rows.advance(time + 1);
    await this.store.commit();
    await coordinator.step(time, stepOf(time));
  }

  /** @throws unless all shards say as of a step what this does. */
  async check(reader: ShardReader, time: number): Promise<void> {
    using then = await this.rows.asOf(time);
    const expected: Change[] = [];
    for await (const row of then.rows()) expected.push(row);
    expect(await reader.asOf(time), `as of ${time}`).toEqual(expected);
  }
}
