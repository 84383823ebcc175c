import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../../../location/test/process/child.ts";
import { compilePackages } from "../../../location/test/process/compiled-packages.ts";

// Makes scratch in a location many times over, each over a medium that stands still for ever before one of its calls: the
// first, the second, and so on. Prints, once all stand still or are done, how many are, and waits to be killed.
const HALTED = `
import { nodeMedium } from "@zspine/location";
import { openScratchBackend } from "./node_modules/@zspine/backend-file/scratch/scratch-backend.js";
const [location, count] = process.argv.slice(2);
const never = new Promise(() => undefined);
function halting(at, halted) {
  let calls = 0;
  const guard = (call) => (...args) => (++calls === at ? (halted(), never) : calls > at ? never : call(...args));
  return Object.fromEntries(Object.entries(nodeMedium).map(([name, call]) => [name, name === "openToReadSync" ? call : guard(call)]));
}
async function use(medium) {
  const backend = await openScratchBackend(location, medium);
  const bytes = new Uint8Array(1000);
  await backend.createHead(1, bytes, [{ type: "put", name: "a/b", bytes }, { type: "put", name: "c", bytes }]);
  await backend.write([{ type: "remove", name: "c" }]);
  await backend.close();
}
let done = 0;
for (let at = 1; at <= Number(count); at++)
  await new Promise((halted) => use(halting(at, halted)).then(() => (done++, halted())));
console.log(String(done));
setInterval(() => undefined, 1000);
`;

// Uses scratch as a store that spills does, between two marks in a trace: renames that fail.
const TRACED = `
import { renameSync } from "node:fs";
import { file } from "@zspine/backend-file";
const mark = (text) => { try { renameSync("/mark/" + text, "/mark/none"); } catch {} };
mark("begin");
const backend = await file({ location: process.argv[2], keeps: false }).open();
const bytes = new Uint8Array(1000);
for (let number = 1; number <= 3; number++) {
  await backend.write([{ type: "put", name: "spilled/" + number, bytes }]);
  await backend.write([{ type: "put", name: "relaxed/" + number, bytes }], { durability: "relaxed" });
  await backend.createHead(number, bytes, [{ type: "put", name: "t/" + number, bytes }, { type: "remove", name: "spilled/" + number }]);
}
await backend.close();
mark("end");
console.log("done");
`;

/** Gives functions that run the two programs in processes of their own. */
export function prepareScratchPrograms(folder: string): {
  halted(location: string, count: number): Child;
  traced(location: string, prefix: readonly string[]): Child;
} {
  compilePackages(folder, ["core", "location", "backend-file"]);
  const halted = join(folder, "halted.js");
  const traced = join(folder, "traced.js");
  writeFileSync(halted, HALTED);
  writeFileSync(traced, TRACED);
  return {
    halted: (location, count) => new Child(halted, [location, String(count)]),
    traced: (location, prefix) => new Child(traced, [location], prefix),
  };
}
