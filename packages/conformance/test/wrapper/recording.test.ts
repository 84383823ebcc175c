import { describe, expect, it } from "vitest";
import { forwardBackend } from "@zspine/core";
import { memory } from "../../../backend-memory/src/index.ts";
import { recording } from "../../src/index.ts";

const bytes = (length: number) => new Uint8Array(length);

describe("recording()", () => {
  it("counts calls and bytes by method", async () => {
    const backend = recording(memory());
    await backend.write([
      { type: "put", name: "a", bytes: bytes(100) },
      { type: "remove", name: "b" },
    ]);
    await backend.createHead(1, bytes(10), [{ type: "put", name: "b", bytes: bytes(5) }]);
    await backend.get("a");
    await backend.get("a", { offset: 10, length: 20 });
    await backend.get("none");
    backend.getSync?.("b");
    await backend.readHead();
    for await (const _name of backend.list("")) break;
    expect(backend.counts()).toEqual({
      close: { calls: 0, bytes: 0 },
      create: { calls: 0, bytes: 0 },
      createHead: { calls: 1, bytes: 15 },
      get: { calls: 3, bytes: 120 },
      getSync: { calls: 1, bytes: 5 },
      list: { calls: 1, bytes: 0 },
      readHead: { calls: 1, bytes: 10 },
      write: { calls: 1, bytes: 100 },
    });
  });

  it("counts the call but no bytes when it fails", async () => {
    const backend = recording(memory());
    await expect(backend.createHead(7, bytes(10), [])).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    expect(backend.counts().createHead).toEqual({ calls: 1, bytes: 0 });
  });

  it("tells the statistics of the backend", () => {
    const beneath = memory();
    const capabilities = { ...beneath.capabilities, statistics: ["reads"] };
    const backend = { ...forwardBackend(beneath), capabilities, statistics: () => ({ reads: 3 }) };
    expect(recording(backend).statistics?.()).toEqual({ reads: 3 });
    expect(recording(beneath).statistics).toBeUndefined();
  });

  it("begins again when it is told to, and leaves counts that were taken alone", async () => {
    const backend = recording(memory());
    await backend.get("a");
    const before = backend.counts();
    backend.resetCounts();
    expect(backend.counts().get.calls).toBe(0);
    expect(before.get.calls).toBe(1);
  });
});
