import { describe, expect, it } from "vitest";
import { memory } from "../../../backend-memory/src/index.ts";
import { backendCases, retained, skippedCases } from "../../src/index.ts";

const { capabilities } = memory();
const open = () => memory();

describe("backendCases()", () => {
  it("gives every case a name of its own", () => {
    const names = backendCases(retained(memory)).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("tells the seed in the names of cases with chance in them, and in their failures", async () => {
    const cases = backendCases({
      capabilities,
      open: () => Promise.reject(new Error("no medium")),
      seed: 4711,
    });
    const seeded = cases.filter(({ name }) => name.includes("seed 4711"));
    expect(seeded.length).toBeGreaterThan(1);
    for (const { name, run } of seeded) {
      await expect(run()).rejects.toMatchObject({
        name: "AssertionFailure",
        message: `${name}: Error: no medium`,
      });
    }
  });

  it("opens places of other names for every case, and each time that a case runs", async () => {
    const places: string[] = [];
    const cases = backendCases({ capabilities, open: (place) => (places.push(place), memory()) });
    for (const { run } of cases.slice(0, 5)) await run();
    await cases[0]?.run();
    expect(places.length).toBeGreaterThanOrEqual(6);
    expect(new Set(places).size).toBe(places.length);
  });

  it("closes what a case left open", async () => {
    const opened: ReturnType<typeof memory>[] = [];
    for (const { run } of backendCases({ capabilities, open: () => opened[opened.push(memory()) - 1]! }))
      await run();
    for (const backend of opened)
      await expect(backend.get("a")).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
  });
});

describe("skippedCases()", () => {
  it("tells what is left out, and why, by what is declared", () => {
    const skipped = skippedCases({ capabilities });
    expect(skipped.length).toBeGreaterThan(0);
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(
      new Set([
        "the backend does not declare durable",
        "the backend does not declare shared",
        "the backend is not both durable and held by one process at a time",
      ]),
    );
  });

  it("and backendCases() together have every case once, whatever is declared", () => {
    const everything = { ...capabilities, durable: true, shared: true };
    const media = [capabilities, { ...capabilities, syncReads: false }, everything];
    const counts = media.map((declared) => {
      const options = { capabilities: declared, open };
      return backendCases(options).length + skippedCases(options).length;
    });
    expect(new Set(counts).size).toBe(1);
  });
});
