import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openAssembled } from "../open-assembled.ts";
import { tierOf } from "../../src/store/store-tier.ts";
import { BatchNames } from "../../src/tier/batch-names.ts";
import { Ledger } from "../../src/tier/ledger.ts";
import { Loader } from "../../src/tier/loader.ts";
import { Spiller } from "../../src/tier/spiller.ts";
import { ValueKeeper } from "../../src/tier/value-keeper.ts";
import { owner, SEED, slotsOf } from "./written-batch.ts";

describe("Spiller", () => {
  it("spill() writes a slot of a trace whatever columns other traces have that are not written either", async () => {
    await using store = await openAssembled({});
    const numbers = await store.trace("numbers", { key: z.int32(), value: z.int32() });
    const texts = await store.trace("texts", { key: z.string(), value: z.string(), create: true });
    numbers.insert(1, 2);
    texts.insert("a", "b");
    for (const trace of [numbers, texts]) expect((await trace.count()).rows).toBe(1);
    const { spiller, traces } = tierOf(store);
    for (const state of traces())
      for (const { batch } of state.stages.entries)
        for (const slot of batch.slots) expect(await spiller!.spill(state.layout, slot)).toBe(true);
  });

  it("stop() waits for what is underway, and nothing begins after it", async () => {
    const inner = memory();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const backend = {
      ...forward(inner),
      write: async (...args: Parameters<typeof inner.write>) => {
        await gate;
        return inner.write(...args);
      },
    };
    const loader = new Loader(backend, new Ledger(0), []);
    const encoding = { seed: SEED, compression: undefined, hasFilters: () => true };
    const keeper = new ValueKeeper(() => undefined);
    const spiller = new Spiller({ backend, keeper, loader, encoding, names: new BatchNames(1) });
    const [slot] = slotsOf(10);
    const spilling = spiller.spill(owner.layout, slot!);
    let isStopped = false;
    const stopping = spiller.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([isStopped, spiller.bytesWritten]).toEqual([false, 0]);
    open();
    await stopping;
    expect(spiller.bytesWritten).toBeGreaterThan(0);
    await spilling;
    expect(await spiller.spill(owner.layout, slotsOf(10)[0]!)).toBe(false);
  });
});
