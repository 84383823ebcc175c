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
      if (isTold) await expect(values.prune(() => false)).rejects.toMatchObject({ code });
      else await values.prune(() => false);
    }
  });

  it("removeEmptied() removes the directories of files that are gone, inmost first, where nothing else is in them", async () => {
    const removed: string[] = [];
    const medium = watchedMedium(async ({ method, args: [path] }, proceed) => {
      if (method !== "removeDirectory" || typeof path !== "string") return proceed();
      if (path.endsWith("full")) throw systemError("ENOTEMPTY");
      removed.push(path.slice(scratchFolder.length + 1).replaceAll("\\", "/"));
      return proceed();
    });
    const values = new Values(medium, scratchFolder);
    const paths = ["p/a/b/1", "p/a/b/2", "p/full/3", "q/4"].map((name) => values.pathOf(name));
    await values.makeDirectories(paths);
    await values.removeEmptied(paths);
    expect(removed.sort()).toEqual(["p/a", "p/a/b"]);
    // Made again, it is synced as a new one is.
    await values.syncEntries([]);
    await values.makeDirectories(paths);
    expect(values.unsyncedDirectories.map((path) => path.slice(-1))).toEqual(
      expect.arrayContaining(["a", "b"]) as string[],
    );
  });
});
