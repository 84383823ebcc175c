import { it } from "vitest";
import { CompactorProgram } from "./compactor-program.ts";

it("OT8 OT9 compactors that are held up and die at any call change no answer", async () => {
  for (let seed = 11; seed <= 150; seed++) await new CompactorProgram(seed).run(60);
});
