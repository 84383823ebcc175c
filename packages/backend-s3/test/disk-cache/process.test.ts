import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Child } from "../../../location/test/process/child.ts";
import { compilePackages } from "../../../location/test/process/compiled-packages.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { bytesIn, filesIn } from "./pages.ts";

// Reads and fills pages of a few objects by a seed, and checks what it reads. Says after each round how many it has found.
const PROGRAM = `
import { createInterface } from "node:readline";
import { diskCacheIn } from "./node_modules/@zspine/backend-s3/disk-cache/disk-cache.js";
const [directory, maxBytes, seed] = process.argv.slice(2);
const options = { directory, maxBytes: Number(maxBytes) };
const cache = diskCacheIn({ folderBytes: Number(maxBytes) / 4 }, options);
let state = Number(seed);
const below = (count) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % 65536 % count;
const pageOf = (object, page) => {
  const bytes = new Uint8Array(1000 + 90 * page).fill((object * 31 + page) % 251);
  return { bytes, size: 100000, etag: "e" + object };
};
for await (const line of createInterface({ input: process.stdin })) {
  let found = 0;
  for (let step = 0; step < Number(line); step++) {
    const [object, page] = [below(30), below(12)];
    const expected = pageOf(object, page);
    const read = await cache.read("object-" + object, page);
    if (read === undefined) {
      cache.fill("object-" + object, page, expected);
      continue;
    }
    found++;
    const isRight = read.etag === expected.etag && read.bytes.length === expected.bytes.length;
    if (!isRight || read.bytes.some((byte, at) => byte !== expected.bytes[at])) throw new Error("wrong bytes");
  }
  await cache.settled();
  console.log(found + " " + cache.counts().failures);
}
`;

const MAX_BYTES = 2 ** 17;
const PAGE_BYTES_MAX = 2000 + 100;

describe("a disk cache that several processes share", () => {
  it("is right, finds what others have filled, and holds no more than maxBytes and a page of each", async () => {
    const folder = join(scratchFolder, "processes");
    compilePackages(folder, ["core", "backend-s3"]);
    const program = join(folder, "filler.js");
    writeFileSync(program, PROGRAM);
    const directory = join(scratchFolder, "shared-cache");
    mkdirSync(directory);
    const start = (seed: number) => new Child(program, [directory, String(MAX_BYTES), String(seed)]);
    let children = [start(1), start(2)];
    for (let round = 0; round < 6; round++) {
      const answers = await Promise.all(children.map((child) => child.ask("60")));
      // Whoever finds a page that was read and is gone has it for a miss, not for a failure.
      for (const answer of answers) expect(answer).toMatch(/^\d+ 0$/);
      expect(bytesIn(directory)).toBeLessThanOrEqual(MAX_BYTES + 2 * PAGE_BYTES_MAX);
      // One ends in the middle of what it does.
      children[0]!.process.stdin?.write("100000\n");
      await children[1]!.ask("20");
      await children[0]!.kill();
      children = [children[1]!, start(round + 3)];
    }
    expect(bytesIn(directory)).toBeLessThanOrEqual(MAX_BYTES + 2 * PAGE_BYTES_MAX);
    expect(filesIn(directory).filter(({ path }) => path.endsWith(".tmp")).length).toBeLessThanOrEqual(6);
    const [found = ""] = (await start(1).ask("60")).split(" ");
    expect(Number(found)).toBeGreaterThan(5);
    for (const child of children) await child.end();
  });
});
