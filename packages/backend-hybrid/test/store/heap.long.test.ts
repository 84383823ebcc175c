import { expect, it } from "vitest";
import { runHeap } from "./heap.ts";

const BUDGET = 3 * 2 ** 20;

it("R3 R5 R12 a process under --max-old-space-size=64 holds ten times its budget, with all answers right", async () => {
  const nodeOptions = ["--max-old-space-size=64"];
  const report = await runHeap({ name: "heap", bytes: BUDGET, rows: 250_000, nodeOptions });
  expect(report).toMatchObject({ wrong: 0, absent: 0 });
  expect(report.difference).toBeUndefined();
  expect(report.heldBytes).toBeGreaterThan(10 * BUDGET);
  expect(report.accountedMost).toBeLessThan(BUDGET + 3 * 2 ** 20);
});
