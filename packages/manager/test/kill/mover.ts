import { writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { SeededRandom } from "@zspine/conformance";
import { createStorageManager } from "../../src/index.ts";
import { contentOf, fill } from "../content.ts";

// The program that is killed: finds out whether all is in order, and then commits to a store and moves it, again and
// again. What is acknowledged it says at once.

const [location, seed] = [process.argv[2]!, Number(process.argv[3])];
const random = new SeededRandom(seed);
const ROWS = 40;

function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

const manager = await createStorageManager({
  location,
  backends: [file, level],
  budget: { bytes: 2 ** 21, policy: "fixed" },
});
const modes = manager.modes.filter((mode) => mode !== "memory");
const listed = await manager.list();
const entries: string[] = [];
// An empty directory, or one with a lock that was never taken, may be left where opening or removing was cut short.
for (const entry of await readdir(location)) {
  const inside = await readdir(join(location, entry));
  if (inside.some((name) => !name.startsWith("ZSPINE.lock."))) entries.push(entry);
}
const isNew = listed.length === 0;
let store = isNew ? await manager.create("moved", { mode: "file" }) : await manager.get("moved");
const to = (store.metadata["to"] as number | undefined) ?? 0;
const damage = isNew ? [] : (await store.verify()).problems;
say({ type: "open", listed, entries, to, content: await contentOf(store), damage: damage.length });

for (let end = to + ROWS; ; end += ROWS) {
  say({ type: "called", to: end });
  await fill(store, end - ROWS, end);
  say({ type: "acknowledged", to: end });
  const [{ mode: from } = { mode: "" }] = await manager.list();
  const mode = random.pick(modes);
  say({ type: "moving", from, mode });
  store = await manager.switchMode("moved", mode);
  say({ type: "moved", mode });
}
