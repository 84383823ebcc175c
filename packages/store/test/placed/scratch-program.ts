import { budgetedFiles, fill, openBudgeted } from "./scratch-store.ts";

// Fills a store whose cold rows lie on scratch, until it is killed; says after each commit how often it has spilled.
const opened = await openBudgeted(budgetedFiles(process.argv[2]!, false));
for (let from = 0; ; from += 50_000) {
  await fill(opened, from % 1_000_000, (from % 1_000_000) + 50_000);
  process.stdout.write(`${opened.store.stats().spills}\n`);
}
