// @ts-check
// What tools/check-sizes.mjs counts of a store in memory is all that it loads: a bundle that has lost the rest still runs.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "../check-sizes.mjs";

const CODE = `
  export { INTEGER, TEXT } from "@zspine/core/engine";
  export { openStore } from "@zspine/store";
  export { temporalTrace } from "@zspine/temporal";
  export { file } from "@zspine/backend-file";
`;

const IN_MEMORY = `
  const store = await openStore();
  const trace = await store.trace("rows", { key: INTEGER, value: TEXT });
  for (let key = 0; key < 100_000; key++) trace.insert(key, "value " + (key % 7));
  const snapshot = trace.snapshot();
  const token = await store.commit({ metadata: { offset: 1 } });
  await store.hold("feed");
  trace.insert(7, "value 0", -1);
  trace.insert(7, "new");
  await store.commit();
  await store.compact();
  const timed = await temporalTrace(store, "timed", { key: INTEGER, value: TEXT, create: true });
  timed.insert(5, 1, "then");
  timed.advance(6);
  await store.commit();
  const then = store.atHold("feed");
  const last = [];
  for await (const { key } of trace.rows({ gte: 99_998 })) last.push(key);
  const told = [
    snapshot.get(7), await trace.get(7), then.of(trace).get(7), (await trace.count()).rows, then.token === token,
    last, timed.upper, store.stats().spills, store.clones(),
  ];
  snapshot.close();
  then.close();
  await store.close();
  console.log(JSON.stringify(told));
`;

const ON_DISK = `
  const location = process.argv[2];
  const open = async () => {
    const store = await openStore({ backend: file({ location }) });
    const trace = await store.trace("rows", { key: INTEGER, value: TEXT });
    trace.insert(1, "one");
    await store.commit();
    const { isSound } = await store.verify();
    await store.close();
    return isSound;
  };
  console.log(await open().catch(({ code, message }) => code + " " + message));
`;

let place = "";
/** @type {import("../check-sizes.mjs").Bundle} */
let found;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "zspine-bundle-"));
  found = await bundle({ code: CODE, platform: "node", conditions: ["@zspine/source"] });
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/**
 * Runs a program over parts of the bundle, in a process of its own, and gives what it prints.
 * @param {readonly ReadonlyMap<string, Uint8Array>[]} parts
 * @param {string} program
 */
function run(parts, program) {
  const folder = mkdtempSync(join(place, "run-"));
  for (const part of parts) for (const [name, bytes] of part) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  const imports = `import { file, INTEGER, openStore, temporalTrace, TEXT } from "./entry.js";`;
  writeFileSync(join(folder, "program.js"), `${imports}\n${program}`);
  const args = ["program.js", join(place, "location")];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 60_000 }).trim();
}

test("bundle() tells what is loaded later apart, in one file", () => {
  expect([...found.later.keys()]).toEqual([expect.stringMatching(/^stored-half-.*\.js$/)]);
  expect(found.bytesInAll - found.bytes).toBeGreaterThan(25_000);
});

test("a store in memory runs without what is loaded later", () => {
  const [value] = [{ value: "value 0", weight: 1 }];
  const told = [[value], [{ value: "new", weight: 1 }], [value], 100_000, true, [99_998, 99_999], 6, 0, []];
  expect(JSON.parse(run([found.atStart], IN_MEMORY))).toEqual(told);
});

test("a store on a disk says what it misses, leaves nothing locked, and opens when it is there", () => {
  expect(run([found.atStart], ON_DISK)).toMatch(/^ZSPINE_IO .*could not be loaded, and nothing was done/);
  expect(run([found.atStart, found.later], ON_DISK)).toBe("true");
});
