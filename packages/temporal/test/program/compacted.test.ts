import { expect, it } from "vitest";
import { runCompacted } from "./compacted-programs.ts";
import { SEEDS, upTo } from "./drawn-programs.ts";

it("OT8 OT9 temporal traces answer as the oracle when compactors that die, are late and give damaged results make their merges", async () => {
  const met = await runCompacted(SEEDS.first, upTo(12));
  if (SEEDS.count !== undefined) return;
  expect(met["merged"]).toBeGreaterThan(20);
  expect(met["passed"]).toBeGreaterThan(0);
  expect(met["damaged"]).toBeGreaterThan(0);
});
