import { layoutOf, type Layout } from "@zspine/core";
import { Batch, Slot, Staging } from "@zspine/core/engine";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { carriedSlots } from "../../src/merge/carried-slots.ts";
import { BLOCK_ROWS } from "../../src/block/block-size.ts";

const layout: Layout<number, number> = layoutOf(z.int32(), z.int32());

/** A batch of stored slots, each of keys from `from` below `to`; all lie in one blob, in as many bytes as rows. */
function stored(blob: string, ...slots: readonly (readonly [from: number, to: number])[]): Batch {
  let offset = 0;
  const made = slots.map(([from, to], number) => {
    const staging = new Staging(layout);
    for (let key = from; key < to; key++) staging.push(key, key, 1);
    const [part] = staging.seal();
    const slot = Slot.of(part!);
    const identity = { writer: 1, batch: 1, number };
    const home = { blob, blobBytes: 0, offset, length: to - from, checksum: 0, filterLength: 0, identity };
    slot.settle(home, { part: part!, row: 0 }, { part: part!, row: to - from - 1 });
    offset += to - from;
    return slot;
  });
  return new Batch(layout, made);
}

const ENOUGH = BLOCK_ROWS / 4;

describe("carriedSlots()", () => {
  it("carries slots that lie apart from all rows of the others", () => {
    const low = stored("low", [0, ENOUGH], [ENOUGH, 2 * ENOUGH]);
    const high = stored("high", [2 * ENOUGH, 3 * ENOUGH]);
    expect(carriedSlots([low, high])).toEqual(new Set([...low.slots, ...high.slots]));
  });

  it("carries no slot with a row of another batch in it", () => {
    const batch = stored("a", [0, ENOUGH], [ENOUGH, 2 * ENOUGH]);
    const other = stored("b", [ENOUGH + 5, ENOUGH + 6]);
    expect(carriedSlots([batch, other])).toEqual(new Set([batch.slots[0]]));
  });

  it("carries no small slot, lest a batch crumble", () => {
    const small = stored("small", [0, ENOUGH - 1]);
    const large = stored("large", [ENOUGH, 2 * ENOUGH]);
    expect(carriedSlots([small, large])).toEqual(new Set(large.slots));
  });

  it("carries nothing of a blob of which less than half would be carried", () => {
    const batch = stored("a", [0, ENOUGH], [ENOUGH, 2 * ENOUGH + 1]);
    const other = stored("b", [ENOUGH + 5, ENOUGH + 6]);
    expect(carriedSlots([batch, other])).toEqual(new Set());
  });

  it("carries nothing that has not been written", () => {
    const staging = new Staging(layout);
    for (let key = 0; key < ENOUGH; key++) staging.push(key, key, 1);
    const batch = Batch.of(layout, staging.seal());
    expect(carriedSlots([batch, stored("b", [-5, -1])])).toEqual(new Set());
  });
});
