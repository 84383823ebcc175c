import { describe, expect, it } from "vitest";
import { senseSystem, type OwnMemory } from "../../src/sense/sense-system.ts";
import { readerOf, within } from "./tree.ts";

const own: OwnMemory = {
  residentBytes: 50_000,
  heapBytes: 10,
  heapLimitBytes: 40,
  machineBytes: 5_000_000,
};
const machine = { "/proc/meminfo": "MemTotal:       1000 kB\nMemFree:    10 kB\nMemAvailable:    400 kB\n" };
const group = (limit: number | string, used: number) =>
  within("/sys/fs/cgroup", { "memory.max": limit, "memory.current": used });
const bound = (files: Readonly<Record<string, string>>) => {
  const { limitBytes, usedBytes } = senseSystem(readerOf(files), own);
  return [limitBytes, usedBytes];
};

describe("senseSystem()", () => {
  it("R1 takes the bound of the container where there is one, else what the machine has and can spare", () => {
    expect(bound({ ...machine, ...group(200_000, 70_000) })).toEqual([200_000, 70_000]);
    expect(bound({ ...machine, ...group("max", 70_000) })).toEqual([1_024_000, 614_400]);
    expect(bound(machine)).toEqual([1_024_000, 614_400]);
  });

  it("R1 passes over a limit that the machine cannot reach", () => {
    expect(bound({ ...machine, ...group(9_000_000, 70_000) })).toEqual([1_024_000, 614_400]);
  });

  it("R1 takes the group that is pressed most, be it one above", () => {
    const nested = {
      ...machine,
      "/proc/self/cgroup": "0::/a/b\n",
      ...within("/sys/fs/cgroup/a/b", { "memory.max": 300_000, "memory.current": 60_000 }),
      ...within("/sys/fs/cgroup/a", { "memory.max": 500_000, "memory.current": 450_000 }),
    };
    expect(bound(nested)).toEqual([500_000, 450_000]);
    expect(bound({ ...nested, ...within("/sys/fs/cgroup/a/b", { "memory.current": 290_000 }) })).toEqual([
      300_000, 290_000,
    ]);
  });

  it("goes by what the process is told where there are no such files, and leaves out what nobody tells", () => {
    expect(bound({})).toEqual([5_000_000, undefined]);
    expect(bound({ "/proc/meminfo": "MemTotal: lots\n" })).toEqual([5_000_000, undefined]);
    expect(bound({ "/proc/meminfo": "MemTotal: 1000 kB\n" })).toEqual([1_024_000, undefined]);
    const unknown: OwnMemory = {
      residentBytes: undefined,
      heapBytes: undefined,
      heapLimitBytes: undefined,
      machineBytes: undefined,
    };
    expect(senseSystem(readerOf({}), unknown)).toEqual({
      residentBytes: undefined,
      heapBytes: undefined,
      heapLimitBytes: undefined,
      usedBytes: undefined,
      limitBytes: undefined,
    });
    expect(senseSystem(readerOf(group(1000, 300)), unknown)).toMatchObject({
      limitBytes: 1000,
      usedBytes: 300,
    });
  });
});
