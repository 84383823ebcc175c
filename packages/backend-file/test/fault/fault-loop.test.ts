import type { WriteOp } from "@zspine/core";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeMedium, type Medium } from "@zspine/location";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { systemError, watchedMedium } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { failEachCall, faults } from "./failing-calls.ts";

const put = (name: string, size: number): WriteOp => ({
  type: "put",
  name,
  bytes: new Uint8Array(size).fill(7),
});
const head = (number: number) => Uint8Array.of(number, number, number);

let places = 0;
const newPlace = () => join(scratchFolder, `fault-${++places}`);

describe("a file backend whose medium fails", () => {
  // All of them run in the long test.
  it.each(faults.slice(0, 1))(
    "C14 tells at each call whether anything was done, reads on, and is whole when reopened: %o",
    failEachCall,
  );

  it("C14 is determinate when a value or the head could not be written, and indeterminate when it was linked", async () => {
    const failing = (method: keyof Medium, path: RegExp) =>
      watchedMedium((call, proceed) => {
        const isHit = call.method === method && path.test(call.args.join(" "));
        return isHit ? Promise.reject(systemError("EIO")) : proceed();
      });
    const told = async (medium: Medium) => {
      const place = newPlace();
      const backend = await openFileBackend(place, medium);
      const error: unknown = await backend.createHead(1, head(1), []).catch((reason: unknown) => reason);
      await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await backend.close();
      await using reopened = await openFileBackend(place, nodeMedium);
      const found = await reopened.readHead();
      return [
        (error as { code: string }).code,
        (error as { determinate: boolean }).determinate,
        found?.number,
      ];
    };
    expect(await told(failing("createFile", /~/))).toEqual(["ZSPINE_IO", true, undefined]);
    let syncs = 0;
    const notSynced = watchedMedium((call, proceed) => {
      const isHeads = call.method === "syncDirectory" && String(call.args[0]).endsWith("heads");
      // The first is that of the open.
      return isHeads && ++syncs > 1 ? Promise.reject(systemError("EIO")) : proceed();
    });
    expect(await told(notSynced)).toEqual(["ZSPINE_IO", false, 1]);
  });

  it("takes its own link for done when a network file system lost the answer, and another's for a conflict", async () => {
    const lossy = watchedMedium(async (call, proceed) => {
      if (call.method === "link") await proceed();
      return proceed();
    });
    await using backend = await openFileBackend(newPlace(), lossy);
    await backend.createHead(1, head(1), []);
    await expect(backend.createHead(1, head(1), [])).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
    await backend.createHead(2, head(2), []);
  });

  it("does not trust a later sync of a relaxed value that once could not be synced", async () => {
    let failures = 0;
    const medium = watchedMedium((call, proceed) =>
      call.method === "syncFile" && failures++ === 0 ? Promise.reject(systemError("EIO")) : proceed(),
    );
    await using backend = await openFileBackend(newPlace(), medium);
    await backend.write([put("a", 1)], { durability: "relaxed" });
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(backend.createHead(1, head(1), [])).rejects.toMatchObject({
        code: "ZSPINE_IO",
        determinate: true,
      });
    }
    await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await expect(backend.readHead(1)).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(await backend.get("a")).toHaveLength(1);
  });

  it("lets go of the location when it cannot be opened", async () => {
    const place = newPlace();
    const medium = watchedMedium((call, proceed) =>
      call.method === "syncDirectory" ? Promise.reject(systemError("EIO")) : proceed(),
    );
    await expect(openFileBackend(place, medium)).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await (await openFileBackend(place, nodeMedium)).close();
  });
});
