import { isZspineError, type Backend, type WriteOp } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { memory } from "../../../backend-memory/src/index.ts";
import {
  chaos,
  faultAt,
  seededFaults,
  simulatedEnvironment,
  type Fault,
  type FaultPlan,
} from "../../src/index.ts";

const bytes = Uint8Array.of(1, 2, 3);
const put = (name: string): WriteOp => ({ type: "put", name, bytes });
const remove = (name: string): WriteOp => ({ type: "remove", name });
const failing = (fault: Fault) => chaos(memory(), { plan: faultAt(1, fault) });

async function listNames(backend: Backend): Promise<string[]> {
  const names: string[] = [];
  for await (const name of backend.list("")) names.push(name);
  return names;
}

describe("chaos()", () => {
  it("fails a call before it does anything, determinately", async () => {
    const backend = failing({ type: "before" });
    await expect(backend.write([put("a")])).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    expect(await listNames(backend)).toEqual([]);
  });

  it("fails a call after it has done everything, indeterminately", async () => {
    const backend = failing({ type: "after" });
    const created = backend.createHead(1, bytes, [put("a")]);
    await expect(created).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
    expect(await backend.readHead()).toEqual({ number: 1, bytes });
    expect(await listNames(backend)).toEqual(["a"]);
  });

  it("fails a read after it was done, determinately, for a read does nothing", async () => {
    await expect(failing({ type: "after" }).get("a")).rejects.toMatchObject({
      code: "ZSPINE_IO",
      determinate: true,
    });
  });

  it("finds no space for writes, and lets reads be", async () => {
    const backend = chaos(memory(), { plan: () => ({ type: "full" }) });
    const error: unknown = await backend.write([put("a")]).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "ZSPINE_IO", determinate: true, cause: { code: "ENOSPC" } });
    expect(await backend.get("a")).toBeUndefined();
  });

  it("tears a write off after some of its operations, indeterminately", async () => {
    const backend = failing({ type: "torn", applied: 2 });
    const written = backend.write([put("a"), put("b"), put("c")]);
    await expect(written).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
    expect(await listNames(backend)).toEqual(["a", "b"]);
  });

  it("tears a createHead so that orphans are left at most: no head, and nothing removed", async () => {
    const backend = chaos(memory(), { plan: faultAt(2, { type: "torn", applied: 2 }) });
    await backend.write([put("old")]);
    const created = backend.createHead(1, bytes, [remove("old"), put("a"), put("b")]);
    await expect(created).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
    expect(await backend.readHead()).toBeUndefined();
    expect(await listNames(backend)).toEqual(["a", "old"]);
  });

  it("tears a head from its operations when asked to break the contract", async () => {
    const backend = failing({ type: "torn", applied: 1, tearsHead: true });
    await expect(backend.createHead(1, bytes, [put("a"), put("b")])).rejects.toMatchObject({
      determinate: false,
    });
    expect((await backend.readHead())?.number).toBe(1);
    expect(await listNames(backend)).toEqual(["a"]);
  });

  it("has no fault for what was aborted before: it is no call of the backend", async () => {
    const backend = failing({ type: "torn", applied: 1 });
    const written = backend.write([put("a")], { signal: AbortSignal.abort() });
    await expect(written).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
    expect(backend.calls).toEqual([]);
    await expect(backend.write([put("a")])).rejects.toMatchObject({ determinate: false });
  });

  it("breaks a listing off after some names", async () => {
    const backend = chaos(memory(), { plan: faultAt(2, { type: "torn", applied: 1 }) });
    await backend.write([put("a"), put("b")]);
    const names: string[] = [];
    const walk = async () => {
      for await (const name of backend.list("")) names.push(name);
    };
    await expect(walk()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(names).toEqual(["a"]);
  });

  it("flips one bit of what is read, and of nothing that is stored", async () => {
    const backend = chaos(memory(), { plan: faultAt(2, { type: "flip", bit: 9 }) });
    await backend.write([put("a")]);
    expect(await backend.get("a")).toEqual(Uint8Array.of(1, 0, 3));
    expect(await backend.get("a")).toEqual(bytes);
  });

  it("fails reads at once, too", async () => {
    const plan: FaultPlan = ({ method }) => (method === "getSync" ? { type: "before" } : undefined);
    const backend = chaos(memory(), { plan });
    expect(() => backend.getSync?.("a")).toThrowError(expect.objectContaining({ code: "ZSPINE_IO" }));
  });

  it("lets a slow call wait in the environment, and close() wait for it", async () => {
    const environment = simulatedEnvironment(1);
    const backend = chaos(memory(), { plan: faultAt(1, { type: "slow", delayMs: 50 }), environment });
    const events: string[] = [];
    const written = backend.write([put("a")]).then(() => events.push("written"));
    const closed = backend.close().then(() => events.push("closed"));
    await environment.run(Promise.all([written, closed]));
    expect(events).toEqual(["written", "closed"]);
    expect(environment.now()).toBeGreaterThanOrEqual(50);
  });

  it("refuses a slow call without an environment", async () => {
    await expect(failing({ type: "slow", delayMs: 1 }).get("a")).rejects.toThrow(TypeError);
  });

  it("remembers calls in order, and what was planned for each", async () => {
    const backend = failing({ type: "before" });
    await backend.get("a", { offset: 0, length: 2 }).catch(() => undefined);
    await backend.createHead(1, bytes, [put("a"), remove("b")]);
    await backend.readHead(1);
    await listNames(backend);
    expect(backend.calls.map(({ text, fault }) => [text, fault?.type])).toEqual([
      ["get a [0, 2)", "before"],
      ["createHead 1 +a -b", undefined],
      ["readHead 1", undefined],
      ["list ", undefined],
    ]);
    expect(backend.faultCount()).toBe(1);
  });

  it("does nothing more once it is healed", async () => {
    const backend = chaos(memory(), { plan: () => ({ type: "before" }) });
    await expect(backend.write([])).rejects.toMatchObject({ code: "ZSPINE_IO" });
    backend.heal();
    await backend.write([put("a")]);
    expect(await listNames(backend)).toEqual(["a"]);
  });
});

describe("faultAt()", () => {
  /** Writes three values and a head; tells after which calls it gave up. */
  async function scenario(backend: Backend): Promise<void> {
    await backend.write([put("a")]);
    await backend.get("a");
    await backend.createHead(1, bytes, [put("b"), remove("a")]);
    await backend.readHead();
  }

  it.each([false, true])("leads a loop through every call there is, onwards: %s", async (isOnwards) => {
    const failed: string[] = [];
    for (let number = 1; ; number++) {
      const backend = chaos(memory(), { plan: faultAt(number, { type: "before" }, { isOnwards }) });
      const error: unknown = await scenario(backend).catch((caught: unknown) => caught);
      if (backend.faultCount() === 0) break;
      expect(isZspineError(error, "ZSPINE_IO")).toBe(true);
      const again = backend.get("a");
      if (isOnwards) await expect(again).rejects.toMatchObject({ code: "ZSPINE_IO" });
      else await again;
      failed.push(backend.calls.find(({ fault }) => fault !== undefined)?.method ?? "");
    }
    expect(failed).toEqual(["write", "get", "createHead", "readHead"]);
  });

  it("counts only the methods that it is given", async () => {
    const backend = chaos(memory(), { plan: faultAt(2, { type: "before" }, { methods: ["get"] }) });
    await backend.write([put("a")]);
    await backend.get("a");
    await expect(backend.get("a")).rejects.toMatchObject({ code: "ZSPINE_IO" });
  });
});

describe("seededFaults()", () => {
  const faultsOf = (seed: number): (string | undefined)[] => {
    const plan = seededFaults(seed, { rate: 0.3 });
    return Array.from({ length: 200 }, () => plan({ method: "write", ops: [put("a")] })?.type);
  };

  it("plans the same faults for a seed, and others for another", () => {
    expect(faultsOf(5)).toEqual(faultsOf(5));
    expect(faultsOf(5)).not.toEqual(faultsOf(6));
  });

  it("plans about as many faults as its rate says, of every type", () => {
    const faults = faultsOf(5).filter((type) => type !== undefined);
    expect(faults.length).toBeGreaterThan(30);
    expect(faults.length).toBeLessThan(90);
    expect(new Set(faults)).toEqual(new Set(["before", "after", "torn", "full"]));
  });

  it("plans delays and flipped bits when they are asked for", () => {
    const plan = seededFaults(1, { rate: 1, types: ["slow"], delayMsMax: 3 });
    for (let at = 0; at < 50; at++) {
      const fault = plan({ method: "get" });
      expect(fault?.type === "slow" && fault.delayMs <= 3).toBe(true);
    }
    expect(seededFaults(1, { rate: 1, types: ["flip"] })({ method: "get" })).toMatchObject({ type: "flip" });
  });
});
