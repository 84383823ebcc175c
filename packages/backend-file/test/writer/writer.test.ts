import { join } from "node:path";
import type { WriteOp } from "@zspine/core";
import { beforeAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../scratch-folder.ts";
import { seenBy, systemCallsOf, type BackendStep } from "./system-calls.ts";

/** Too large for the journal. */
const large = (name: string): WriteOp => ({ type: "put", name, bytes: new Uint8Array(70_000) });
const small = (name: string): WriteOp => ({ type: "put", name, bytes: new Uint8Array(100) });
const remove = (name: string): WriteOp => ({ type: "remove", name });
const relaxed = { durability: "relaxed" } as const;
const hundred = Array.from({ length: 100 }, (_, at) => small(`s/${at}`));

const steps: readonly BackendStep[] = [
  { method: "createHead", number: 1, ops: [large("t/old"), large("t/older"), small("s/old")] },
  { method: "createHead", number: 2, ops: [large("t/a")] },
  { method: "createHead", number: 3, ops: [large("t/b"), remove("t/old"), large("t/c"), large("d")] },
  { method: "createHead", number: 4, ops: [] },
  { method: "write", ops: [large("t/e"), large("t/f"), remove("t/older"), large("u/v/g")] },
  { method: "write", ops: [large("t/h"), large("u/v/i")] },
  { method: "write", ops: [large("t/j")], options: relaxed },
  { method: "createHead", number: 5, ops: [large("w/k"), small("s/k")], options: relaxed },
  { method: "createHead", number: 6, ops: [] },
  { method: "createHead", number: 7, ops: [...hundred, remove("s/old")] },
  { method: "write", ops: [small("s/x"), remove("s/1")] },
  { method: "write", ops: [small("s/y")], options: relaxed },
];

describe(`system calls of a file backend, seen by ${seenBy}`, () => {
  let calls: string[][] = [];
  const syncs = (at: number) => calls[at]?.filter((call) => call.startsWith("sync"));

  beforeAll(async () => {
    calls = await systemCallsOf(scratchFolder, join(scratchFolder, "traced"), steps);
  });

  it("C28 createHead() of a head and a hundred small values, and of none, is one append and one sync", () => {
    for (const at of [3, 9, 10]) expect(calls[at]).toEqual(["append journal/1", "sync journal/1"]);
    expect(calls[11]).toEqual(["append journal/1"]);
  });

  it("C2 createHead() of a large value syncs it, its directory, and the record that names it, in this order", () => {
    expect(calls[1]).toEqual([
      "sync tmp",
      "rename tmp values/t/a~",
      "sync values/t",
      "append journal/1",
      "sync journal/1",
    ]);
  });

  it("C2 createHead() syncs each directory once, and removes after the head is durable", () => {
    expect(calls[2]?.slice(0, 3)).toEqual(["sync tmp", "sync tmp", "sync tmp"]);
    expect(calls[2]?.slice(3, 6)).toEqual([
      "rename tmp values/t/b~",
      "rename tmp values/t/c~",
      "rename tmp values/d~",
    ]);
    expect(calls[2]?.slice(6, 8).sort()).toEqual(["sync values", "sync values/t"]);
    expect(calls[2]?.slice(8)).toEqual([
      "append journal/1",
      "sync journal/1",
      "rename values/t/old~ tmp",
      "unlink tmp",
    ]);
  });

  it("C2 write() syncs every directory on the way to a value that is new, once", () => {
    expect(syncs(4)?.slice(3).sort()).toEqual([
      "sync values",
      "sync values/t",
      "sync values/u",
      "sync values/u/v",
    ]);
    expect(syncs(5)).toHaveLength(4);
    expect(syncs(5)?.slice(2).sort()).toEqual(["sync values/t", "sync values/u/v"]);
  });

  it("C2 write() and createHead() sync nothing when they are relaxed, and the next head syncs it all", () => {
    expect(syncs(6)).toEqual([]);
    expect(syncs(7)).toEqual([]);
    expect(syncs(8)?.slice(0, -1).sort()).toEqual([
      "sync values",
      "sync values/t",
      "sync values/t/j~",
      "sync values/w",
      "sync values/w/k~",
    ]);
    expect(calls[8]?.slice(-2)).toEqual(["append journal/1", "sync journal/1"]);
  });
});
