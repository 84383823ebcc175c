import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { identifyLocation, openLocation } from "../../src/index.ts";
import { newPlace } from "../scratch-folder.ts";

it("identifyLocation() tells the kind and the version of a location, held or not", async () => {
  const path = newPlace();
  const location = await openLocation({ path, type: "level", version: 3 });
  const held = await identifyLocation(path);
  await location.close();

  expect(held).toEqual({ type: "level", version: 3 });
  expect(await identifyLocation(path)).toEqual(held);
});

it("identifyLocation() is undefined where nothing is, where nothing marks it, and of a file", async () => {
  const path = newPlace();
  const missing = await identifyLocation(path);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "photo.jpg"), "");

  expect([missing, await identifyLocation(path)]).toEqual([undefined, undefined]);
  expect(await identifyLocation(join(path, "photo.jpg"))).toBeUndefined();
});

it("identifyLocation() refuses a marker that is damaged, and an empty path", async () => {
  const path = newPlace();
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "ZSPINE"), "{");

  await expect(identifyLocation(path)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
  await expect(identifyLocation("")).rejects.toMatchObject({ code: "ZSPINE_INVALID_OPTIONS" });
});
