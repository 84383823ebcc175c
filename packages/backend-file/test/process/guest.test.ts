import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Child } from "../../../location/test/process/child.ts";
import { compilePackages } from "../../../location/test/process/compiled-packages.ts";
import { file } from "../../src/index.ts";
import { scratchFolder } from "../scratch-folder.ts";

// Creates values of 20 kB without end, each of one byte that its number tells, and says which it has created.
const PROGRAM = `
import { file } from "@zspine/backend-file";
const guest = await file({ location: process.argv[2] }).open({ guest: true });
console.log("open");
for (let number = Number(process.argv[3]); ; number++) {
  const isDone = await guest.create("mail/" + number, new Uint8Array(20_000).fill(number % 251));
  if (isDone) console.log(String(number));
}
`;

const KILLS = 4;

describe("guests of a location in other processes", () => {
  it("that are killed leave each value whole or not at all, and none that was acknowledged is gone", async () => {
    const folder = join(scratchFolder, "killed-guests");
    compilePackages(folder, ["core", "location", "backend-file"]);
    const program = join(folder, "guest.js");
    writeFileSync(program, PROGRAM);
    const location = join(scratchFolder, "killed-guests-place");
    const writer = await file({ location }).open();
    let heads = 0;
    const winners = new Map<number, number>();
    for (let kill = 1; kill <= KILLS; kill++) {
      const first = String(1 + Math.max(-1, ...winners.keys()));
      const guests = [new Child(program, [location, first]), new Child(program, [location, first])];
      for (const [at, guest] of guests.entries()) {
        expect(await guest.line()).toBe("open");
        for (let count = 0; count < 3 * kill; count++) {
          const number = Number(await guest.line());
          expect(winners.has(number)).toBe(false);
          winners.set(number, at);
        }
        await writer.createHead(++heads, new Uint8Array(10), []);
      }
      for (const guest of guests) await guest.kill();
    }
    await writer.close();
    // A writer that opens takes away what the dead have left unfinished, and nothing else.
    const next = await file({ location }).open();
    let found = 0;
    for await (const name of next.list("mail/")) {
      const number = Number(name.slice("mail/".length));
      const bytes = await next.get(name);
      expect(bytes?.length).toBe(20_000);
      expect(bytes?.every((byte) => byte === number % 251)).toBe(true);
      if (winners.has(number)) found++;
    }
    expect(found).toBe(winners.size);
    expect((await next.readHead())?.number).toBe(heads);
    await next.close();
  });
});
