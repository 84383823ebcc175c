// @ts-check
// In the worker of each test file of a survey: keeps what the marks tell (see `marked()` in mutations.mjs), and what it
// cost. Loaded before any source is.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";

const { ZSPINE_MARK_TO: folder = "", ZSPINE_MARKS: marks = "0" } = process.env;
const ran = new Uint8Array(Number(marks));
Object.assign(globalThis, { __ran: ran });

afterAll(() => {
  const { user, system } = process.cpuUsage();
  const test = expect.getState().testPath ?? "";
  const found = { test, cpuSeconds: (user + system) / 1e6, ran: [...ran.keys()].filter((n) => ran[n] === 1) };
  writeFileSync(join(folder, `${test.replaceAll(/[^\w.-]/g, "_")}.json`), JSON.stringify(found));
});
