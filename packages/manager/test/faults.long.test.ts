import { describe } from "vitest";
import { endedSwitches, faultySwitches } from "./fault-groups.ts";

describe("R9 a manager whose media fail", () => {
  faultySwitches([
    ["memory", "one"],
    ["memory", "hybrid:two"],
    ["one", "memory"],
    ["one", "two"],
    ["one", "hybrid"],
    ["hybrid", "one"],
    ["hybrid", "memory"],
    ["hybrid:two", "hybrid"],
  ]);
  endedSwitches([
    ["one", "two"],
    ["hybrid", "two"],
    ["one", "hybrid"],
    ["memory", "one"],
    ["two", "memory"],
  ]);
});
