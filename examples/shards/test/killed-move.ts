import { expect } from "vitest";
import type { OnStage, Stage } from "../src/move.ts";
import { PlacesInMemory, Whole } from "./place-in-memory.ts";

/** Has all processes end before or after a stage of a move, and others go on; compares every answer. */
export async function killMove(stage: Stage, when: "before" | "after"): Promise<void> {
  const memory = new PlacesInMemory();
  let coordinator = await memory.coordinator({ shards: 2 });
  const whole = await Whole.open();
  const reader = await memory.reader();
  for (let step = 0; step < 5; step++) await whole.step(coordinator);
  const old = coordinator.table.routes[1]!.place;
  const isPlanned = stage !== "plan" || when === "after";
  const dying: OnStage = async (at, now) => {
    if (at === "clone" && now === "after") await whole.step(coordinator);
    if (at === stage && now === when) throw new Error("killed");
  };
  await expect(coordinator.move("s1", dying)).rejects.toThrow("killed");
  memory.kill();
  coordinator = await memory.coordinator();
  if (!isPlanned) await coordinator.move("s1");
  for (let step = 0; step < 3; step++) await whole.step(coordinator);
  for (let time = 0; time < whole.next; time++) await whole.check(reader, time);
  expect(coordinator.table.routes[1]).toMatchObject({ shard: "s1", of: null });
  expect(coordinator.table.routes[1]!.place).not.toBe(old);
  expect(coordinator.table.moves).toEqual([]);
  expect(memory.isDropped(old)).toBe(true);
  await reader.close();
  await coordinator.close();
}
