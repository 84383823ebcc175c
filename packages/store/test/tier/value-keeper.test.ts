import { layoutOf, type Layout } from "@zspine/core";
import { Batch, Slot, Staging } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SpilledFile } from "../../src/tier/spilled-file.ts";
import { StoredFile } from "../../src/tier/stored-file.ts";
import { ValueKeeper } from "../../src/tier/value-keeper.ts";

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());

/** What holds a batch of one slot, which has been spilled to a value. */
function spilled(blob: string): SpilledFile {
  const staging = new Staging(layout);
  staging.push(1, 1, 1);
  const [part] = staging.seal();
  const slot = Slot.of(part!);
  const identity = { writer: 1, batch: 1, number: 0 };
  const home = { blob, blobBytes: 10, offset: 0, length: 10, checksum: 0, filterLength: 0, identity };
  slot.settle(home, { part: part!, row: 0 }, { part: part!, row: 0 });
  return new SpilledFile(new Batch(layout, [slot]));
}

/** A keeper, and the spine's part: it holds batches, and lets go of them. */
function keeperOf(...files: readonly StoredFile[]): ValueKeeper {
  const keeper = new ValueKeeper(() => undefined);
  for (const file of files) keeper.hold(file);
  return keeper;
}

describe("ValueKeeper", () => {
  it("lets go of what was spilled at once when nobody reads", () => {
    const [a, b] = [spilled("a"), spilled("b")];
    const keeper = keeperOf(a, b);
    keeper.leave(keeper.enter([]));
    keeper.release(a);
    expect(keeper.takeGarbage()).toEqual(["a"]);
    expect(keeper.bytes).toBe(10);
  });

  it("keeps it until all who came before have left, in any order, whoever comes after", () => {
    const a = spilled("a");
    const keeper = keeperOf(a);
    const [first, second] = [keeper.enter([]), keeper.enter([])];
    keeper.release(a);
    const later = keeper.enter([]);
    keeper.leave(second);
    expect(keeper.takeGarbage()).toEqual([]);
    expect(keeper.isUsed("a")).toBe(true);
    keeper.leave(first);
    expect(keeper.takeGarbage()).toEqual(["a"]);
    expect(keeper.bytes).toBe(0);
    keeper.leave(later);
    expect(keeper.takeGarbage()).toEqual([]);
  });

  it("keeps what is let go of later for those who came between, too", () => {
    const [a, b] = [spilled("a"), spilled("b")];
    const keeper = keeperOf(a, b);
    const first = keeper.enter([]);
    keeper.release(a);
    const between = keeper.enter([]);
    keeper.release(b);
    // The second may be read by both.
    keeper.leave(between);
    expect(keeper.takeGarbage()).toEqual([]);
    keeper.leave(first);
    expect(keeper.takeGarbage().sort()).toEqual(["a", "b"]);
  });

  it("lets go of a value that a commit has written with its readers alone", () => {
    const file = new StoredFile(["c"], [7]);
    const keeper = keeperOf(file);
    const [reader, other] = [keeper.enter([file]), keeper.enter([])];
    keeper.release(file);
    expect(keeper.takeGarbage()).toEqual([]);
    keeper.leave(reader);
    expect(keeper.takeGarbage()).toEqual(["c"]);
    keeper.leave(other);
  });
});
