import { describe } from "vitest";
import { endedSwitches, faultyLives, faultySwitches } from "./fault-groups.ts";

// All switches in the long test.
describe("R9 a manager whose media fail", () => {
  faultySwitches([
    ["memory", "one"],
    ["one", "hybrid"],
  ]);
  endedSwitches([["hybrid", "two"]]);
  faultyLives();
});
