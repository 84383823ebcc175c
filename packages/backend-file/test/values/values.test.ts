import { describe, expect, it } from "vitest";
import { Values } from "../../src/values/values.ts";
import { systemError, watchedMedium } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";

describe("Values", () => {
  it("prune() passes over directories that are not empty, or gone, and tells of any other failure", async () => {
    for (const [code, isTold] of [
      ["ENOTEMPTY", false],
      ["EEXIST", false],
      ["ENOENT", false],
      ["EACCES", true],
    ] as const) {
      const medium = watchedMedium(async ({ method }, proceed) => {
        if (method === "removeDirectory") throw systemError(code);
        return proceed();
      });
      const values = new Values(medium, scratchFolder);
      await values.makeDirectories([values.pathOf("a/b")]);
      if (isTold) await expect(values.prune()).rejects.toMatchObject({ code });
      else await values.prune();
    }
  });
});
