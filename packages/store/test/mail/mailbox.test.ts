import { memory } from "@zspine/backend-memory";
import { recording } from "@zspine/conformance";
import { forwardBackend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { Mailbox } from "../../src/mail/mailbox.ts";

const letter = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("Mailbox", () => {
  it("gives each of many letters a number of its own, without a gap", async () => {
    const backend = memory();
    const boxes = Array.from({ length: 4 }, () => new Mailbox(backend, "holds"));
    const texts = Array.from({ length: 40 }, (_, at) => `letter ${at}`);
    const numbers = await Promise.all(texts.map((text, at) => boxes[at % 4]!.post(letter(text), 1)));
    expect([...numbers].sort((a, b) => a - b)).toEqual(texts.map((_, at) => at + 1));
    const read = (await boxes[0]!.read(1, 100)).map(textOf);
    for (const [at, number] of numbers.entries()) expect(read[number - 1]).toBe(texts[at]);
    expect((await boxes[0]!.read(39, 100)).length).toBe(2);
    expect((await boxes[0]!.read(1, 5)).length).toBe(5);
  });

  it("is looked for with one read that misses, and no listing", async () => {
    const backend = recording(memory());
    const box = new Mailbox(backend, "holds");
    await box.read(7, 64);
    expect(backend.counts()).toMatchObject({ get: { calls: 1 }, list: { calls: 0 }, readHead: { calls: 0 } });
  });

  it("keeps boxes apart, and removes what was taken up", async () => {
    const backend = memory();
    const [first, second] = [new Mailbox(backend, "a"), new Mailbox(backend, "b")];
    await first.post(letter("one"), 1);
    await first.post(letter("two"), 1);
    await second.post(letter("other"), 1);
    await first.remove(1, 2);
    expect((await first.read(1, 9)).length).toBe(0);
    expect((await first.read(2, 9)).map(textOf)).toEqual(["two"]);
    expect((await second.read(1, 9)).map(textOf)).toEqual(["other"]);
  });

  it("refuses a box that nobody empties, and a backend without guests", async () => {
    const full = { ...forwardBackend(memory()), create: async () => false };
    await expect(new Mailbox(full, "a").post(letter("x"), 1)).rejects.toMatchObject({ code: "ZSPINE_IO" });
    const { create: _, ...alone } = forwardBackend(memory());
    const error = expect.objectContaining({ code: "ZSPINE_NOT_SUPPORTED" });
    expect(() => new Mailbox(alone, "a")).toThrowError(error);
    const signal = AbortSignal.abort();
    const aborted = new Mailbox(memory(), "a").post(letter("x"), 1, signal);
    await expect(aborted).rejects.toMatchObject({ code: "ZSPINE_ABORTED" });
  });
});
