import { describe, expect, it } from "vitest";
import { judge, thisProcess } from "../../src/owner/owner.ts";
import { isScratchEntry, newScratchName, ownerOfScratch } from "../../src/scratch/scratch-name.ts";
import { nameOfDead } from "./dead-owner.ts";

/** A name of this process but for one of its parts, counted from `zspine-scratch`. */
function changed(part: number, text: string): string {
  const parts = newScratchName().split("-");
  parts[part + 1] = text;
  return parts.join("-");
}

const livenessOf = (name: string) => judge(ownerOfScratch(name)!);

describe("newScratchName()", () => {
  it("says whose it is, twice never the same, in letters that every file system tells apart", () => {
    const names = Array.from({ length: 100 }, newScratchName);
    expect(new Set(names).size).toBe(100);
    for (const name of names) {
      expect(name).toMatch(/^[a-z0-9-]{40,120}$/);
      expect(isScratchEntry(name)).toBe(true);
      expect(ownerOfScratch(name)).toEqual(thisProcess());
    }
  });
});

describe("ownerOfScratch()", () => {
  it("tells dead of a process that has ended, and unknown of another host", () => {
    expect(livenessOf(newScratchName())).toBe("alive");
    expect(livenessOf(nameOfDead())).toBe("dead");
    expect(livenessOf(changed(5, "0123456789ab"))).toBe("unknown");
  });

  it.runIf(process.platform === "linux")(
    "tells dead of an earlier boot, and of a number that was used again; unknown of another container",
    () => {
      expect(livenessOf(changed(3, "0123456789ab"))).toBe("dead");
      expect(livenessOf(changed(2, "1"))).toBe("dead");
      expect(livenessOf(changed(4, "0123456789ab"))).toBe("unknown");
    },
  );

  it("judges by the number alone what a system does not tell more of", () => {
    const { pid, host } = thisProcess();
    const parts = newScratchName().split("-");
    const name = [...parts.slice(0, 3), "0", "0", "0", ...parts.slice(6)].join("-");
    expect(ownerOfScratch(name)).toEqual({ pid, host });
  });

  it.each(["zspine-scratch-", "scratch", "zspine-scratch-1", "ZSPINE", "zspine-scratch-1-2-3-4-5-not"])(
    "knows none of %j",
    (name) => {
      expect(ownerOfScratch(name)).toBeUndefined();
      expect(isScratchEntry(name)).toBe(false);
    },
  );

  it("knows none of process 0, which is nobody", () => {
    expect(ownerOfScratch(changed(1, "0"))).toBeUndefined();
  });
});
