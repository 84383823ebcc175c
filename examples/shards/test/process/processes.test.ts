import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bundledShards, killShards, run, SEED } from "./killed-shards.ts";

const shardsOf = bundledShards();

describe("shards in processes", () => {
  it(`read as of each step what one store says, over files, while processes are killed with -9 (seed ${SEED})`, async () => {
    const { folder, program } = shardsOf();
    await killShards(program, join(folder, "files"), { shards: 3, steps: 6 });
  });

  it("go on with what there is when the whole program is killed, and say what to do about what was asked for wrongly", async () => {
    const { folder, program } = shardsOf();
    const state = ["--state", join(folder, "whole")];
    const args = [...state, "--shards", "2", "--by", "range", "--steps", "9"];
    const first = await run(program, args, /killed with -9/);
    expect(first.output).not.toContain("FAIL");
    const second = await run(program, [...state, "--steps", "9", "--move", "s1"]);
    expect(second).toMatchObject({ code: 0, errors: "" });
    expect(second.output).toMatch(/Going on after [3-9] steps/);
    expect(second.output.match(/: PASS/g)).toHaveLength(3);
    const number = await run(program, [...state, "--shards", "5"]);
    expect(number).toMatchObject({
      code: 1,
      errors: expect.stringContaining("has 2 shards by range") as string,
    });
    for (const nowhere of ["", "http://127.0.0.1/state"])
      expect(await run(program, ["--state", nowhere])).toMatchObject({
        code: 1,
        errors: expect.stringContaining("expected a directory, or s3://BUCKET/PREFIX") as string,
      });
    const one = await run(program, [...state, "--steps", "1"]);
    expect(one.output.match(/no steps, so nothing to compare|: PASS/g)).toEqual([
      "no steps, so nothing to compare",
      "no steps, so nothing to compare",
      ": PASS",
    ]);
    const kind = await run(program, ["--by", "day"]);
    expect(kind).toMatchObject({
      code: 1,
      errors: expect.stringContaining("expected hash or range") as string,
    });
  });
});
