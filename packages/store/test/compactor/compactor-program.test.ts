import { expect, it } from "vitest";
import { CompactorProgram } from "./compactor-program.ts";

it("OT8 OT9 compactors that are held up and die at any call change no answer, and some merges are theirs", async () => {
  let merged = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const program = new CompactorProgram(seed);
    await program.run(40);
    merged += program.merged;
  }
  expect(merged).toBeGreaterThan(5);
});
