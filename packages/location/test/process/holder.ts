import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { compilePackages } from "./compiled-packages.ts";

// Opens the location, and says how that went; closes it when its input ends.
const PROGRAM = `
import { openLocation } from "@zspine/location";
const [path, type] = process.argv.slice(2);
let held;
try {
  held = await openLocation({ path, type, version: 1 });
  console.log("open " + process.pid);
} catch (error) {
  console.log(error.code + " " + error.message);
}
process.stdin.on("data", () => undefined).on("end", async () => {
  await held?.close();
  process.exit(0);
});
`;

/** Gives a function that opens a location in a process of its own. */
export function prepareHolders(folder: string): (path: string, type: string) => Child {
  compilePackages(folder, ["core", "location"]);
  const program = join(folder, "holder.js");
  writeFileSync(program, PROGRAM);
  return (path, type) => new Child(program, [path, type]);
}
