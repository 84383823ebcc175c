import { afterEach, describe, expect, it, vi } from "vitest";
import { Heads } from "../../src/backend/heads.ts";
import type { FakeFault, FakeRequest } from "../../src/fake.ts";
import { explore, type Scenario } from "./explorer.ts";
import { heldUp, orphans, slowReader, strayHead } from "./scenarios.ts";

const SOME = 120;
const STATES = 4000;

const fault = vi.hoisted(() => ({ forgetsNumbers: false }));
vi.mock(import("../../src/layout/keys.ts"), async (original) => {
  const keys = await original();
  return { ...keys, packNumber: (key: string) => (fault.forgetsNumbers ? 0 : keys.packNumber(key)) };
});

/** Explores, and gives what was found. */
async function found(scenario: Scenario, statesMax: number): Promise<string> {
  const { broken } = await explore(scenario, statesMax);
  return broken === undefined ? "sound" : (broken.error as Error).message;
}

afterEach(() => {
  vi.restoreAllMocks();
  fault.forgetsNumbers = false;
});

// All orders are gone through in the long tests.
describe("in many orders of requests", () => {
  it("OT2 a writer that was held up does not commit a number again, and nothing is lost that was acknowledged", async () => {
    expect(await found(heldUp(), SOME)).toBe("sound");
  });

  it("OT5 a reader sees heads in order, and finds what the newest names, while others are removed", async () => {
    expect(await found(slowReader, SOME)).toBe("sound");
  });

  it("OT2 a reader does not take the head of a writer that was held up for the newest", async () => {
    expect(await found(strayHead, SOME)).toBe("sound");
  });

  it("OT3 nothing is removed that another may still name, in whatever order packs and heads come", async () => {
    expect(await found(orphans, SOME)).toBe("sound");
  });
});

describe("the exploration finds", () => {
  const isHead = ({ method, key }: FakeRequest, wanted: string) =>
    method === wanted && key.startsWith("head/");

  it("a boundary that is not read after a head was created", async () => {
    const misbehave = (request: FakeRequest): FakeFault | undefined =>
      isHead(request, "HEAD") ? { type: "status", status: 404, code: "NoSuchKey" } : undefined;
    expect(await found({ ...heldUp(), misbehave }, STATES)).toMatch(/acknowledged twice|is lost/);
  });

  it("heads that are removed before the boundary is raised", async () => {
    vi.spyOn(Heads.prototype, "mayRemove").mockImplementation((number, newest) => number < newest - 1);
    expect(await found(heldUp(8), STATES)).toMatch(/acknowledged twice|is lost/);
  });

  it("readers that take a head for the newest without reading the boundary", async () => {
    const misbehave = (request: FakeRequest): FakeFault | undefined =>
      isHead(request, "HEAD") && request.headers["process"] === "reader"
        ? { type: "status", status: 404, code: "NoSuchKey" }
        : undefined;
    expect(await found({ ...strayHead, misbehave }, STATES)).toMatch(/a reader/);
  });

  it("a condition that is left out", async () => {
    const misbehave = (request: FakeRequest): FakeFault | undefined =>
      isHead(request, "PUT") ? { type: "unconditional" } : undefined;
    expect(await found({ ...heldUp(), misbehave }, STATES)).toMatch(/acknowledged twice|is lost/);
  });

  it("packs that are removed before their number is taken", async () => {
    fault.forgetsNumbers = true;
    expect(await found(orphans, STATES)).toMatch(/was removed|is lost/);
  });
});
