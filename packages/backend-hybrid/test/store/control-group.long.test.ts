import { rmdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeControlGroup } from "./control-group.ts";
import { runHeap } from "./heap.ts";

const LIMIT = 256 * 2 ** 20;
const BUDGET = 32 * 2 ** 20;

const group = makeControlGroup(LIMIT);
afterAll(() => {
  if (group !== undefined) rmdirSync(group);
});

it.skipIf(group === undefined)(
  `R3 R5 R12 a process in a control group of 256 MB holds more than the group may, ten times its budget, with all answers right${group === undefined ? " (no such group can be made here)" : ""}`,
  async () => {
    const before = `echo $$ > ${join(group!, "cgroup.procs")}`;
    const report = await runHeap({ name: "group", bytes: BUDGET, rows: 2_800_000, nodeOptions: [], before });
    expect(report).toMatchObject({ wrong: 0, absent: 0 });
    expect(report.difference).toBeUndefined();
    expect(report.heldBytes).toBeGreaterThan(Math.max(10 * BUDGET, LIMIT));
  },
);
