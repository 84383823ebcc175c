import { existsSync } from "node:fs";
import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { createRegistry } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { createBudget, hybrid } from "../../src/index.ts";
import { pressable } from "../budget/holding.ts";
import { scratchFolder } from "../scratch-folder.ts";

const MIB = 2 ** 20;
const at = (name: string) => file({ location: `${scratchFolder}/${name}` });
const bytes = Uint8Array.of(1, 2, 3);

describe("hybrid()", () => {
  it("is made by name with the backend under it, from plain configuration", async () => {
    const registry = createRegistry([hybrid, file]);
    const cold = { type: "file", location: `${scratchFolder}/by-name` };
    const opener = registry.backend({ type: "hybrid", cold, budgetBytes: 8 * MIB });
    if (!("open" in opener)) return expect.unreachable();
    await using backend = await opener.open();
    expect([opener.type, backend.type, backend.placement?.name]).toEqual(["hybrid", "hybrid", "budget"]);
    expect(backend.placement).toMatchObject({ bytes: 8 * MIB, policy: "adaptive", maxSpillBytes: Infinity });
    expect(existsSync(cold.location)).toBe(true);
    expect(() => registry.backend("hybrid")).toThrowError(/there is no default/);
    expect(() => registry.backend({ type: "hybrid", cold: "level" })).toThrowError(
      expect.objectContaining({ code: "ZSPINE_UNKNOWN_NAME" }),
    );
  });

  it("R6 closes and reopens, and is what the backend under it is without it", async () => {
    const opener = hybrid({ cold: at("reopened") });
    {
      await using backend = await opener.open();
      await backend.createHead(1, bytes, [{ type: "put", name: "a", bytes }]);
    }
    {
      await using backend = await opener.open({ readOnly: true });
      expect(backend.capabilities.readOnly).toBe(true);
      expect(backend.getSync?.("a")).toEqual(new Uint8Array(bytes));
    }
    await using plain = await at("reopened").open();
    expect((await plain.readHead())?.number).toBe(1);
  });

  it("drops what the backend under it has put there", async () => {
    const opener = hybrid({ cold: at("dropped") });
    await (await opener.open()).close();
    await opener.drop();
    expect(existsSync(`${scratchFolder}/dropped`)).toBe(false);
  });

  it("gives all that are opened with one budget that budget, and each without one its own", async () => {
    const budget = createBudget({ bytes: 8 * MIB });
    const placementOf = async (opener: ReturnType<typeof hybrid>) => {
      await using backend = await opener.open();
      return backend.placement;
    };
    expect(await placementOf(hybrid({ cold: at("one"), budget }))).toBe(budget);
    expect(await placementOf(hybrid({ cold: at("two"), budget }))).toBe(budget);
    const own = hybrid({ cold: at("one"), budgetBytes: 4 * MIB, policy: "fixed", maxSpillBytes: 9 });
    expect(await placementOf(own)).toMatchObject({ bytes: 4 * MIB, policy: "fixed", maxSpillBytes: 9 });
    const { monitor } = pressable({ limitBytes: 100 * MIB, usedBytes: 0 });
    expect(await placementOf(hybrid({ cold: at("one"), monitor }))).toMatchObject({ bytes: 50 * MIB });
  });

  it("stands over a backend that is open, which it can neither drop nor open to be read only", async () => {
    await using cold = { ...forward(memory()), type: "mine" };
    const opener = hybrid({ cold });
    await (await opener.open()).write([{ type: "put", name: "a", bytes }]);
    expect(await cold.get("a")).toEqual(bytes);
    const refusal = { code: "ZSPINE_NOT_SUPPORTED" };
    await expect(opener.open({ readOnly: true })).rejects.toMatchObject(refusal);
    await expect(opener.drop()).rejects.toMatchObject(refusal);
    const readOnly = { ...cold, capabilities: { ...cold.capabilities, readOnly: true as const } };
    expect((await hybrid({ cold: readOnly }).open({ readOnly: true })).type).toBe("hybrid");
  });

  it.each([
    [{ budgetBytes: MIB }, "budgetBytes", /at least 2097152 \(2 MiB\).*spilling itself needs/],
    [{ budgetBytes: "64MB" }, "budgetBytes", /write 64 \* 2 \*\* 20 for 64 MiB/],
    [{ budget: 64 * MIB }, "budget", /createBudget\(\{ bytes: … \}\)/],
    [{ budget: createBudget }, "budget", /call what makes one/],
    [{ policy: "lazy" }, "policy", /"adaptive" or "fixed" or "manual"/],
    [{ hot: memory() }, "hot", /there is no such name here/],
    [
      { budget: createBudget({ bytes: "auto" }), budgetBytes: 64 * MIB },
      "budgetBytes",
      /createBudget\(\{ bytes/,
    ],
    [{ budget: createBudget({ bytes: "auto" }), policy: "fixed" }, "policy", /createBudget\(\{ policy/],
  ])("R15 refuses %o and says what to write", (options, name, message) => {
    const wrong = (): unknown => hybrid({ cold: at("refused"), ...options } as never);
    expect(wrong).toThrowError(
      expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["hybrid", name] }),
    );
    expect(wrong).toThrowError(message);
  });

  it("MT11 refuses to be called with nothing, or with a path", () => {
    expect(() => hybrid()).toThrowError(/there is no default, for a temporary directory may be memory too/);
    expect(() => hybrid("./data" as never)).toThrowError(/write \{ cold: … \}/);
  });
});
