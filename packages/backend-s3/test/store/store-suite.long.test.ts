import { join } from "node:path";
import { describe, it } from "vitest";
import { diskCache } from "../../src/disk-cache.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { casesOverFake, contractOverFake } from "./store-suite.ts";

describe("L16 a store over s3(), all cases", () => {
  for (const { name, run } of casesOverFake("all")) it(name, run);
});

describe("with a cache,", () => {
  const cache = diskCache({ directory: join(scratchFolder, "cache"), maxBytes: 2 ** 26 });
  describe("s3() proves the backend contract", () => {
    for (const { name, run } of contractOverFake(cache)) it(name, run);
  });
  // A cache stands behind the contract: what a store does with values is the same.
  describe("L16 a store passes every eighth case", () => {
    for (const { name, run } of casesOverFake("all", cache).filter((_, n) => n % 8 === 0)) it(name, run);
  });
});
