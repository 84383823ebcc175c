import { it } from "vitest";
import { CloneProgram } from "./clone-programs.ts";

it("F23 OT11 clones of clones agree with full copies, whatever is written, merged, detached, killed and opened again", async () => {
  for (let seed = 1; seed <= 8; seed++) await new CloneProgram(seed).run(60);
});
