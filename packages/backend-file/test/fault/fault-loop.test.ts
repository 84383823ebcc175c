import type { WriteOp } from "@zspine/core";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeMedium } from "@zspine/location";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { systemError, watchedMedium, type MediumCall } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { failEachCall, faults } from "./failing-calls.ts";

const put = (name: string, size: number): WriteOp => ({
  type: "put",
  name,
  bytes: new Uint8Array(size).fill(7),
});
const head = (number: number) => Uint8Array.of(number, number, number);

/** Too large for the journal. */
const LARGE = 70_000;

let places = 0;
const newPlace = () => join(scratchFolder, `fault-${++places}`);

describe("a file backend whose medium fails", () => {
  // All of them run in the long test.
  it.each(faults.slice(0, 1))(
    "C14 tells at each call whether anything was done, reads on, and is whole when reopened: %o",
    failEachCall,
  );

  it("C14 is determinate when a value could not be written, and indeterminate when the record could not be synced", async () => {
    const told = async (method: MediumCall["method"], path: RegExp) => {
      const place = newPlace();
      let isFailing = false;
      const medium = watchedMedium((call, proceed) => {
        const isHit = isFailing && call.method === method && path.test(String(call.args[0]));
        return isHit ? Promise.reject(systemError("EIO")) : proceed();
      });
      const backend = await openFileBackend(place, medium);
      isFailing = true;
      const create = backend.createHead(1, head(1), [put("large", LARGE)]);
      const error: unknown = await create.catch((reason: unknown) => reason);
      await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await backend.close();
      await using reopened = await openFileBackend(place, nodeMedium);
      const found = await reopened.readHead();
      const { code, determinate } = error as { code: string; determinate: boolean };
      return [code, determinate, found?.number];
    };
    expect(await told("createFile", /tmp/)).toEqual(["ZSPINE_IO", true, undefined]);
    expect(await told("syncData", /journal/)).toEqual(["ZSPINE_IO", false, 1]);
  });

  it("does not trust a later sync of a relaxed value that once could not be synced", async () => {
    let failures = 0;
    const medium = watchedMedium((call, proceed) =>
      call.method === "syncFile" && failures++ === 0 ? Promise.reject(systemError("EIO")) : proceed(),
    );
    await using backend = await openFileBackend(newPlace(), medium);
    await backend.write([put("a", LARGE)], { durability: "relaxed" });
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(backend.createHead(1, head(1), [])).rejects.toMatchObject({
        code: "ZSPINE_IO",
        determinate: true,
      });
    }
    await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await expect(backend.readHead(1)).rejects.toMatchObject({ code: "ZSPINE_IO" });
    expect(await backend.get("a")).toHaveLength(LARGE);
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
