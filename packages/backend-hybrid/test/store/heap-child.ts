import { findDifference, openKept, scatter, valueOf } from "./kept-rows.ts";

// Holds rows that take about ten times its budget, and says whether all answers are right.
const [location, bytes, rows] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const { store, trace } = await openKept("file", location, bytes);
let accountedMost = 0;
const note = (): void => {
  accountedMost = Math.max(accountedMost, store.stats().memory.total);
};
for (let row = 0; row < rows; row++) {
  const key = scatter(row, rows);
  trace.insert(key, valueOf(key));
  if (row % 1000 === 999) {
    note();
    await store.room();
  }
  if (row % 50_000 === 49_999) await store.commit();
}
await store.commit();
const difference = await findDifference(trace, rows);
note();
let wrong = 0;
for (let look = 0; look < 2000; look++) {
  const key = scatter(look * 31, rows);
  const found = await trace.get(key);
  if (found.length !== 1 || found[0]!.value !== valueOf(key)) wrong++;
  if (look % 100 === 0) note();
}
const absent = (await trace.getMany([-1, rows, rows + 7])).flat().length;
const { coldBytes, hotBytes, warmBytes } = store.stats().placement!;
await store.close();
process.stdout.write(
  JSON.stringify({ difference, wrong, absent, accountedMost, heldBytes: coldBytes + hotBytes + warmBytes }),
);
