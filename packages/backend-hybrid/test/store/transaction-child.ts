import { writeSync } from "node:fs";
import { openKept, scatter, valueOf } from "./kept-rows.ts";

// Commits rows of keys below the first number, then inserts in one transaction until it is killed, and says how many slots of it
// have been spilled.
const [kind, location, committed] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4])];
const { store, trace } = await openKept(kind, location, 2 * 2 ** 20);
const MORE = 400_000;
for (let row = 0; row < committed; row++) {
  const key = scatter(row, committed);
  trace.insert(key, valueOf(key));
}
await store.commit();
await store.finishMerges();
const before = store.stats().spills;
for (let row = 0; row < MORE; row++) {
  const key = committed + scatter(row, MORE);
  trace.insert(key, valueOf(key));
  if (row % 500 !== 0) continue;
  await store.room();
  writeSync(1, `${store.stats().spills - before}\n`);
}
