import { join } from "node:path";
import type { WriteOp } from "@zspine/core";
import { beforeAll, describe, expect, it } from "vitest";
import { scratchFolder } from "../scratch-folder.ts";
import { seenBy, systemCallsOf, type BackendStep } from "./system-calls.ts";

const put = (name: string): WriteOp => ({ type: "put", name, bytes: new Uint8Array(100) });
const remove = (name: string): WriteOp => ({ type: "remove", name });
const relaxed = { durability: "relaxed" } as const;

const steps: readonly BackendStep[] = [
  { method: "createHead", number: 1, ops: [put("t/old"), put("t/older")] },
  { method: "createHead", number: 2, ops: [put("t/a")] },
  { method: "createHead", number: 3, ops: [put("t/b"), remove("t/old"), put("t/c"), put("d")] },
  { method: "createHead", number: 4, ops: [] },
  { method: "write", ops: [put("t/e"), put("t/f"), remove("t/older"), put("u/v/g")] },
  { method: "write", ops: [put("t/h"), put("u/v/i")] },
  { method: "write", ops: [put("t/j")], options: relaxed },
  { method: "createHead", number: 5, ops: [put("w/k")], options: relaxed },
  { method: "createHead", number: 6, ops: [] },
];

describe(`system calls of a file backend, seen by ${seenBy}`, () => {
  let calls: string[][] = [];
  const syncs = (at: number) => calls[at]?.filter((call) => call.startsWith("sync"));

  beforeAll(async () => {
    calls = await systemCallsOf(scratchFolder, join(scratchFolder, "traced"), steps);
  });

  it("C2 createHead() of one value syncs it, its directory, the head and the heads, in this order", () => {
    expect(calls[1]).toEqual([
      "sync tmp",
      "sync tmp",
      "rename tmp values/t/a~",
      "sync values/t",
      "link tmp heads/2",
      "sync heads",
      "unlink tmp",
    ]);
  });

  it("C2 createHead() syncs each directory once, and removes after the head is durable", () => {
    expect(calls[2]?.slice(0, 4)).toEqual(["sync tmp", "sync tmp", "sync tmp", "sync tmp"]);
    expect(calls[2]?.slice(4, 7)).toEqual([
      "rename tmp values/t/b~",
      "rename tmp values/t/c~",
      "rename tmp values/d~",
    ]);
    expect(calls[2]?.slice(7, 9).sort()).toEqual(["sync values", "sync values/t"]);
    expect(calls[2]?.slice(9)).toEqual([
      "link tmp heads/3",
      "sync heads",
      "rename values/t/old~ tmp",
      "unlink tmp",
      "unlink heads/1",
      "unlink tmp",
    ]);
  });

  it("C2 createHead() without operations syncs the head and the heads", () => {
    expect(syncs(3)).toEqual(["sync tmp", "sync heads"]);
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
    expect(syncs(8)?.slice(1, -1).sort()).toEqual([
      "sync heads/5",
      "sync values",
      "sync values/t",
      "sync values/t/j~",
      "sync values/w",
      "sync values/w/k~",
    ]);
    const linked = calls[8]?.indexOf("link tmp heads/6") ?? -1;
    expect(calls[8]?.slice(linked, linked + 2)).toEqual(["link tmp heads/6", "sync heads"]);
    // Kept until now: a power cut could have taken those after it. They go in no order.
    expect(calls[8]?.slice(linked + 2).sort()).toEqual(["unlink heads/3", "unlink heads/4", "unlink tmp"]);
  });
});
