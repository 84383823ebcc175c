import { SeededRandom } from "@zspine/conformance";
import { isZspineError, type Backend } from "@zspine/core";
import type { Medium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { LosingMedium } from "../medium/losing-medium.ts";

const PLACE = "/disk/place";
const NAMES = ["a", "mail/1", "mail/2", "mail/deep/1", "b"];

/**
 * A writer and two guests that create and remove values, and a power cut, kill or failed sync among it. Whatever a handle
 * has acknowledged is so afterwards; of the rest each value is whole, and was asked for by somebody.
 */
async function runProgram(seed: number, mutate: (medium: Medium) => Medium): Promise<number> {
  const random = new SeededRandom(seed);
  const medium = new LosingMedium();
  const open = (options: { guest?: boolean }): Promise<Backend> =>
    openFileBackend(PLACE, options.guest === true ? mutate(medium.open()) : medium.open(), options);
  /** By name, what may be there: bytes by their first, or 0 for none. */
  const known = new Map<string, Set<number>>();
  /** By name, how often a removal has begun or ended. */
  const removals = new Map<string, number>();
  let cuts = 0;
  let stamp = 0;
  for (let round = 0; round < 5; round++) {
    const handles = [await open({}), await open({ guest: true }), await open({ guest: true })];
    await checkKnown(handles, known);
    if (random.chance(0.3)) medium.fault = { at: medium.syncs + random.int(1, 20), isLasting: true };
    else medium.cutAt = medium.changes + random.int(1, 60);
    await Promise.all(
      handles.map(async (handle) => {
        for (let step = 0; step < 6; step++) {
          const name = random.pick(NAMES);
          const values = known.get(name) ?? new Set([0]);
          known.set(name, values);
          const mine = (stamp = (stamp % 250) + 1);
          const before = removals.get(name) ?? 0;
          try {
            if (random.chance(0.7)) {
              values.add(mine);
              const isDone = await handle.create!(name, new Uint8Array(random.pick([3, 2000])).fill(mine));
              // Unless somebody has removed it again meanwhile.
              if (isDone && before === (removals.get(name) ?? 0)) values.delete(0);
            } else {
              values.add(0);
              removals.set(name, before + 1);
              await handle.write([{ type: "remove", name }]);
              values.add(0);
              removals.set(name, removals.get(name)! + 1);
            }
          } catch (error) {
            if (!medium.isDown && !isZspineError(error, "ZSPINE_IO")) throw error;
            return;
          }
        }
      }),
    );
    if (random.chance(0.3)) medium.kill();
    medium.cut(random);
    cuts++;
  }
  return cuts;
}

async function checkKnown(handles: readonly Backend[], known: Map<string, Set<number>>): Promise<void> {
  for (const [name, values] of known) {
    const bytes = await handles[0]!.get(name);
    const found = bytes?.[0] ?? 0;
    if (!values.has(found)) throw new Error(`${name} has ${found}, where there may be ${[...values].join()}`);
    if (bytes !== undefined && !bytes.every((byte) => byte === found)) throw new Error(`${name} is torn`);
    const others = await Promise.all(handles.map((handle) => handle.get(name)));
    if (others.some((other) => (other?.[0] ?? 0) !== found)) throw new Error(`${name} differs by handle`);
    known.set(name, new Set([found]));
  }
}

const run = async (mutate: (medium: Medium) => Medium = (medium) => medium): Promise<number> => {
  let cuts = 0;
  for (let seed = 1; seed <= 120; seed++) {
    try {
      cuts += await runProgram(seed, mutate);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
    }
  }
  return cuts;
};

describe("values that are created on a medium that loses what was not synced", () => {
  it("are there when that was acknowledged, whole, over power cuts and failed syncs", async () => {
    expect(await run()).toBe(600);
  });

  it.each<[string, (medium: Medium) => Medium]>([
    [
      "does not sync the directory of what is created",
      (medium) => ({
        ...medium,
        syncDirectory: async (path) => (path.includes("/created") ? undefined : medium.syncDirectory(path)),
      }),
    ],
    [
      "does not sync the file",
      (medium) => ({ ...medium, createFile: (path, bytes) => medium.createFile(path, bytes, false) }),
    ],
  ])("are not when the medium of guests %s", async (_what, mutate) => {
    await expect(run(mutate)).rejects.toThrow(/where there may be|torn|differs/);
  });
});
