import { describe, expect, it } from "vitest";
import { STAGES, type OnStage, type Stage } from "../src/move.ts";
import { Shard } from "../src/shard.ts";
import { killMove } from "./killed-move.ts";
import { PlacesInMemory, Whole } from "./place-in-memory.ts";

/** Stages between which no step is taken. */
const BETWEEN: readonly Stage[] = ["seal", "catch up again", "switch"];

describe("move()", () => {
  it.each(["hash", "range"] as const)(
    "moves a shard by %s while steps are taken and a reader reads",
    async (by) => {
      const memory = new PlacesInMemory();
      const coordinator = await memory.coordinator({ by, shards: 2 });
      const whole = await Whole.open();
      const reader = await memory.reader();
      for (let step = 0; step < 6; step++) await whole.step(coordinator);
      const before = coordinator.table;
      const onStage: OnStage = async (stage, when) => {
        if (!BETWEEN.includes(stage)) await whole.step(coordinator);
        await whole.check(reader, whole.next - 1);
        expect(coordinator.table.routes[1]).toEqual(before.routes[1]);
        if (stage === "switch" && when === "after") await expect(reader.upper()).resolves.toBe(whole.next);
      };
      await coordinator.move("s0", onStage);
      for (let step = 0; step < 3; step++) await whole.step(coordinator);
      for (let time = 0; time < whole.next; time++) await whole.check(reader, time);
      const [old, now] = [before.routes[0]!, coordinator.table.routes[0]!];
      expect(now).toEqual({ ...old, place: expect.stringMatching(/^memory.s0-2$/) as string });
      expect(memory.isDropped(old.place)).toBe(true);
      expect(coordinator.table.moves).toEqual([]);
      await reader.close();
      await coordinator.close();
    },
  );

  it.each(STAGES)("goes on when it was killed after %s, and nothing is lost or there twice", (stage) =>
    killMove(stage, "after"),
  );

  it("has who still writes to the old place told where it goes on", async () => {
    const memory = new PlacesInMemory();
    const coordinator = await memory.coordinator({ shards: 1 });
    const whole = await Whole.open();
    await whole.step(coordinator);
    const old = coordinator.table.routes[0]!;
    const dying: OnStage = (stage, when) => {
      if (stage === "seal" && when === "after") throw new Error("killed");
    };
    await expect(coordinator.move("s0", dying)).rejects.toThrow("killed");
    memory.kill();
    const zombie = await Shard.open(memory.places, old);
    await expect(zombie.step(1, [])).rejects.toThrow(/goes on at memory.s0-2; ask for it there/);
    await zombie.close();
  });
});
