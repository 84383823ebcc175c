// @ts-check
// `npm run mutate`: changes the sources in small ways, one at a time, and tells which changes no test notices. A seeded
// sample of mutants, each run against the test files that reach it, the cheapest first. The work tree stays as it is.
// What was found is kept, so that a run that ended goes on where it was. Exits with 1 when too few were killed.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readFiles, readText, root } from "../project.mjs";
import { setup } from "../setup.mjs";
import { wholeNumber } from "../whole-number.mjs";
import { Hand } from "./hand.mjs";
import { mutate, mutationsOf } from "./mutations.mjs";
import { isEquivalent, keyOf, reportOf, summaryOf } from "./outcome.mjs";
import { sampleOf } from "./sample.mjs";
import { hashOf, makeSurvey, rulersOf, stretchAt, testsOf } from "./survey.mjs";

const SHARE_MIN = 0.85;
const TARGETS = [
  "packages/core/src/batch/",
  "packages/store/src/merge/",
  "packages/store/src/tier/",
  "packages/store/src/head/",
  "packages/store/src/recovery/",
  "packages/store/src/trace/",
  "packages/store/src/view/",
  "packages/store/src/store/committer.ts",
  "packages/store/src/store/commit-queue.ts",
  "packages/backend-file/src/",
];
const usage = `Usage: npm run mutate -- [options]
  --count N    how many mutants (default 300)
  --seed N     what chooses them (default 1)
  --minutes N  starts no more after so long (default: no limit); run it again to go on
  --only TEXT  only of files whose path has the text
  --cpu N      processor seconds of tests for a mutant at most, as measured without it (default 80)
  --again      runs those again that survived before
  --report     runs nothing; reports what is kept`;

const keptIn = `${root}node_modules/.cache/zspine-mutate`;

/** @typedef {import("./outcome.mjs").Outcome & { hash: string }} Kept */

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "100000" },
    cpu: { type: "string", default: "80" },
    only: { type: "string", default: "" },
    again: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const count = wholeNumber("count", values.count, { usage });
const seed = wholeNumber("seed", values.seed, { usage });
const minutes = wholeNumber("minutes", values.minutes, { usage });
const cpu = wholeNumber("cpu", values.cpu, { usage });

const sources = new Map(
  [...readFiles(["packages"], /^packages\/[\w-]+\/src\/.*\.ts$/)].filter(([path]) =>
    TARGETS.some((target) => path.startsWith(target)),
  ),
);
const all = [...sources]
  .flatMap(([path, text]) => mutationsOf(path, text))
  .filter(({ file }) => file.includes(values.only));
const sample = sampleOf(all, count, seed);
console.log(`${sample.length} of ${all.length} mutants, seed ${seed}; kept in ${keptIn.slice(root.length)}`);

/** @type {import("./outcome.mjs").Equivalent[]} */
const equivalents = JSON.parse(readText("tools/mutate/equivalent.json"));

/** @type {Map<string, Kept>} */
const kept = new Map();
const keptAt = `${keptIn}/outcomes.json`;
if (existsSync(keptAt))
  for (const outcome of /** @type {Kept[]} */ (JSON.parse(readFileSync(keptAt, "utf8"))))
    if (outcome.hash === hashOf(sources.get(outcome.mutation.file) ?? ""))
      kept.set(keyOf(outcome.mutation), outcome);

/** @param {import("./mutations.mjs").Mutation} mutation */
function isKnown(mutation) {
  const found = kept.get(keyOf(mutation));
  const isKilled = found?.end === "killed" || found?.end === "late";
  return found !== undefined && (isKilled || !values.again);
}

/** Runs what is not known yet, until time is over. */
async function run() {
  setup();
  const end = performance.now() + minutes * 60_000;
  const survey = await makeSurvey(sources, `${keptIn}/survey.json`, console.log, end);
  const rulers = rulersOf(sources);
  const hand = new Hand();
  try {
    for (const [n, mutation] of sample.entries()) {
      if (isKnown(mutation)) continue;
      if (performance.now() > end) break;
      const reach = testsOf(survey, stretchAt(rulers, mutation), cpu);
      // What is said to be equivalent is believed, and costs nothing.
      const { tests, cpuSeconds } = isEquivalent(mutation, equivalents)
        ? { tests: [], cpuSeconds: 0 }
        : reach;
      const texts = { [mutation.file]: mutate(sources.get(mutation.file) ?? "", mutation) };
      // Marks cost something, so that the survey's times are long; what takes twice as long hangs.
      const done = tests.length === 0 ? undefined : await hand.obey({ texts, tests }, 2 * cpuSeconds + 20);
      const outcome = {
        mutation,
        end: /** @type {Kept["end"]} */ (
          !done ? "unreached" : done.isLate ? "late" : done.failed === "" ? "survived" : "killed"
        ),
        by: done?.failed ?? "",
        tests: done ? done.passed.length + (done.failed === "" ? 0 : 1) : 0,
        cpuSeconds: done?.cpuSeconds ?? 0,
        hash: hashOf(sources.get(mutation.file) ?? ""),
      };
      kept.set(keyOf(mutation), outcome);
      mkdirSync(keptIn, { recursive: true });
      writeFileSync(keptAt, `${JSON.stringify([...kept.values()], undefined, 1)}\n`);
      const told = `${mutation.file}:${mutation.line} ${mutation.what}`;
      console.log(`${n + 1} ${outcome.end}, ${outcome.cpuSeconds.toFixed(1)} s: ${told}`);
    }
  } finally {
    hand.stop();
  }
}

if (!values.report) await run();
const outcomes = sample.flatMap((mutation) => kept.get(keyOf(mutation)) ?? []);
const summary = summaryOf(outcomes, equivalents);
const spent = outcomes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
console.log(`\n${reportOf(summary)}`);
console.log(
  `${outcomes.length} of ${sample.length} mutants have run, ${(spent / Math.max(1, outcomes.length)).toFixed(1)} s of processor each`,
);
process.exitCode = summary.share >= SHARE_MIN ? 0 : 1;
