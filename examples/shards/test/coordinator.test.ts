import { describe, expect, it } from "vitest";
import { Coordinator, ShardGoneError } from "../src/coordinator.ts";
import { shardOf } from "../src/route-table.ts";
import { Shard } from "../src/shard.ts";
import { stepOf } from "../src/steps.ts";
import { PlacesInMemory, STATE, Whole } from "./place-in-memory.ts";

describe("Coordinator", () => {
  it.each(["hash", "range"] as const)(
    "reads as of each step what one store says, by %s, over kills",
    async (by) => {
      const memory = new PlacesInMemory();
      let coordinator = await memory.coordinator({ by, shards: 3 });
      const reader = await memory.reader();
      const whole = await Whole.open();
      for (let step = 0; step < 24; step++) {
        await whole.step(coordinator);
        if (step % 8 === 5) {
          memory.kill();
          coordinator = await memory.coordinator();
        }
        await whole.check(reader, step);
      }
      await whole.check(reader, 3);
      await coordinator.close();
      await reader.close();
    },
  );

  it("step() again changes nothing in shards that have it, and goes on in those that have not", async () => {
    const memory = new PlacesInMemory();
    const coordinator = await memory.coordinator({ shards: 2 });
    const whole = await Whole.open();
    await whole.step(coordinator);
    // One of two has taken a step when the process of the other ends.
    const first = coordinator.table.routes[0]!;
    await coordinator.close();
    const shard = await Shard.open(memory.places, first);
    const own = stepOf(1).filter(({ key }) => shardOf(coordinator.table, key) === first.shard);
    expect(await shard.step(1, own)).toBe(2);
    await expect(shard.step(5, [])).rejects.toThrow(/Step 2 comes next/);
    await shard.close();
    const again = await memory.coordinator();
    expect(await again.upper()).toBe(1);
    await whole.step(again);
    await whole.step(again);
    const reader = await memory.reader();
    for (let time = 0; time < 3; time++) await whole.check(reader, time);
    await reader.close();
    await again.close();
  });

  it("step() goes on after one that was refused, and close() ends every shard that was opened", async () => {
    const memory = new PlacesInMemory();
    let open = 0;
    const coordinator = await memory.coordinator({
      shards: 2,
      host: async (at) => {
        const shard = await Shard.open(memory.places, at);
        const close = shard.close.bind(shard);
        open++;
        return Object.assign(shard, { close: () => close().finally(() => open--) });
      },
    });
    const whole = await Whole.open();
    await whole.step(coordinator);
    await expect(coordinator.step(5, [])).rejects.toThrow(/Step 1 comes next/);
    const untaken = stepOf(1).map((row) => ({ ...row, value: 2 ** 40 }));
    await expect(coordinator.step(1, untaken)).rejects.toThrow(/value: expected an integer/);
    await whole.step(coordinator);
    const reader = await memory.reader();
    await whole.check(reader, 1);
    await reader.close();
    await coordinator.close();
    expect(open).toBe(0);
  });

  it("readersAt() is how far since may go in any shard, also after a restart", async () => {
    const memory = new PlacesInMemory();
    let coordinator = await memory.coordinator({ shards: 2 });
    const whole = await Whole.open();
    const reader = await memory.reader();
    for (let step = 0; step < 5; step++) await whole.step(coordinator);
    await coordinator.readersAt(2);
    memory.kill();
    coordinator = await memory.coordinator();
    for (let step = 5; step < 9; step++) await whole.step(coordinator);
    expect([...(await coordinator.status()).values()].map(({ since }) => since)).toEqual([2, 2]);
    await whole.check(reader, 2);
    await coordinator.readersAt(7);
    await whole.step(coordinator);
    expect([...(await coordinator.status()).values()].map(({ since }) => since)).toEqual([7, 7]);
    await whole.check(reader, 9);
    await expect(reader.asOf(2)).rejects.toMatchObject({ code: "ZSPINE_TIME_PASSED" });
    await coordinator.close();
    await reader.close();
  });

  it("asOf() reads a range of keys in order, of those shards alone that have some of it", async () => {
    const memory = new PlacesInMemory();
    const coordinator = await memory.coordinator({ by: "range", shards: 4 });
    const whole = await Whole.open();
    for (let step = 0; step < 6; step++) await whole.step(coordinator);
    const reader = await memory.reader();
    const all = await reader.asOf(5);
    for (const [gte, lt] of [
      ["a", "c"],
      ["gus", "ned-4"],
      ["zz", undefined],
    ] as const)
      expect(await reader.asOf(5, { gte, lt })).toEqual(
        all.filter(({ key }) => key >= gte && (lt === undefined || key < lt)),
      );
    // Keys of s0 alone are complete there at once, whatever becomes of the others.
    const { shard, place } = coordinator.table.routes[0]!;
    expect(shard).toBe("s0");
    await coordinator.close();
    const first = await Shard.open(memory.places, { place, of: null });
    await first.step(6, []);
    expect(await reader.asOf(6, { lt: "c" })).toEqual(await reader.asOf(5, { lt: "c" }));
    await first.close();
    await reader.close();
  });

  it("says what to do about another coordinator, another number of shards, a shard that there is not, and no shards", async () => {
    const memory = new PlacesInMemory();
    await expect(memory.reader()).rejects.toThrow(/There are no shards at memory/);
    const coordinator = await memory.coordinator({ shards: 2 });
    await expect(memory.coordinator()).rejects.toThrow(/Another coordinator has the routes .* End it first/);
    await expect(coordinator.move("s7")).rejects.toThrow('There is no shard "s7"; there are s0, s1.');
    await coordinator.close();
    await expect(memory.coordinator({ shards: 3 })).rejects.toThrow(/has 2 shards by hash, and 3 by hash/);
    await expect(memory.coordinator({ by: "range" })).rejects.toThrow(/and 2 by range were asked for/);
    await (await memory.coordinator({ shards: 2, by: "hash" })).close();
  });

  it("tells of a shard whose process ends each time that it is asked", async () => {
    const memory = new PlacesInMemory();
    const gone = new ShardGoneError("process 7 of shard s0 has ended by SIGKILL");
    let opened = 0;
    const opening = Coordinator.open({
      state: STATE,
      places: memory.places,
      shards: 1,
      host: () => {
        opened++;
        return Promise.reject(gone);
      },
    });
    await expect(opening).rejects.toThrow(/The process of shard s0 has ended 3 times .*: process 7/);
    expect(opened).toBe(3);
    await (await memory.coordinator()).close();
  });
});
