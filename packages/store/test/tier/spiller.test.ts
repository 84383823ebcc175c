import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { BatchNames } from "../../src/tier/batch-names.ts";
import { Ledger } from "../../src/tier/ledger.ts";
import { Loader } from "../../src/tier/loader.ts";
import { Spiller } from "../../src/tier/spiller.ts";
import { ValueKeeper } from "../../src/tier/value-keeper.ts";
import { owner, SEED, slotsOf } from "./written-batch.ts";

describe("Spiller", () => {
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
    const encoding = { seed: SEED, compression: undefined };
    const keeper = new ValueKeeper(() => undefined);
    const spiller = new Spiller({ backend, keeper, loader, encoding, names: new BatchNames(1) });
    const [slot] = slotsOf(10);
    const spilling = spiller.spill(owner, slot!);
    let isStopped = false;
    const stopping = spiller.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([isStopped, spiller.bytesWritten]).toEqual([false, 0]);
    open();
    await stopping;
    expect(spiller.bytesWritten).toBeGreaterThan(0);
    await spilling;
    expect(await spiller.spill(owner, slotsOf(10)[0]!)).toBe(false);
  });
});
