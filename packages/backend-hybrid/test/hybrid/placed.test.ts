import { memory } from "@zspine/backend-memory";
import { chaos } from "@zspine/conformance";
import type { Placement } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { placed } from "../../src/hybrid/placed.ts";

const placement: Placement = { name: "mine", maxSpillBytes: 0, enter: () => expect.unreachable() };

describe("placed()", () => {
  it("is the cold backend by another type, which brings the placement along", () => {
    const cold = memory();
    const backend = placed(cold, "hybrid", placement);
    expect(backend).toMatchObject({ type: "hybrid", placement });
    expect(backend.capabilities).toBe(cold.capabilities);
  });

  it("reads at once exactly when the cold backend does", async () => {
    await using cold = memory();
    const { getSync: _, ...later } = chaos(cold);
    await cold.write([{ type: "put", name: "a", bytes: Uint8Array.of(7) }]);
    expect(placed(cold, "hybrid", placement).getSync?.("a")).toEqual(Uint8Array.of(7));
    expect(placed(later, "hybrid", placement).getSync).toBeUndefined();
  });

  it("closes the cold backend when it is disposed of", async () => {
    const cold = memory();
    await placed(cold, "hybrid", placement)[Symbol.asyncDispose]();
    await expect(cold.get("a")).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
  });
});
