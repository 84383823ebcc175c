import { isDeepStrictEqual, parseArgs } from "node:util";
import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { openStore } from "@zspine/store";
import { computeAnswers, readAnswers } from "./answers.ts";
import { stepOf, type HouseStep } from "./auction-house.ts";
import { openNexmark } from "./queries.ts";

const USAGE = `Usage: npm start -w examples/nexmark -- [--steps N] [--state DIR]

Answers queries 3, 4 and 9 of Nexmark while an auction house goes on, 50 events a step, and checks at the
end that computing everything gives the same.

  --steps N    go on until N steps have been made (default 500)
  --state DIR  keep the state there, and go on from it when run again (default: in memory)`;

/** What happens in the house follows from it. */
const SEED = 9;

/** What is asked for: help, or steps; nothing where it is not understood. */
function readArguments():
  "help" | { readonly steps: number; readonly state: string | undefined } | undefined {
  const options = {
    steps: { type: "string" },
    state: { type: "string" },
    help: { type: "boolean" },
  } as const;
  try {
    const { steps = "500", state, help } = parseArgs({ options }).values;
    if (help === true) return "help";
    return /^[1-9]\d{0,6}$/.test(steps) ? { steps: Number(steps), state } : undefined;
  } catch {
    return undefined;
  }
}

async function run(steps: number, state: string | undefined): Promise<boolean> {
  await using store = await openStore({
    backend: state === undefined ? memory() : file({ location: state }),
  });
  const view = await openNexmark(store);
  const start = view.steps;
  let rowsRead = 0;
  const begun = performance.now();
  while (view.steps < steps) {
    const step = view.steps;
    const result = await view.step(stepOf(SEED, step), { metadata: { steps: step + 1 } });
    rowsRead += result.rowsRead;
  }
  const seconds = (performance.now() - begun) / 1000;
  const made = view.steps - start;
  console.log(start === 0 ? "Began." : `Went on after ${start} steps.`);
  if (made > 0)
    console.log(
      `${made} steps in ${seconds.toFixed(1)} s, each a commit; ${(rowsRead / made).toFixed(1)} rows read a step`,
    );
  console.log("\nWhat is paid on average, by category (query 4):");
  for await (const { key, value } of view.outputs.q4.rows()) console.log(`  ${key}  ${value.toFixed(2)}`);
  const answers = await readAnswers(view);
  const happened: HouseStep[] = Array.from({ length: view.steps }, (_, step) => stepOf(SEED, step));
  const isRight = isDeepStrictEqual(answers, computeAnswers(happened));
  const { q3, q9 } = answers;
  const outcome = isRight ? "PASS" : "FAIL";
  console.log(
    `\nCheck: ${outcome}. ${q3.length} rows of query 3 and ${q9.length} of query 9, and what all events give.`,
  );
  return isRight;
}

const wanted = readArguments();
if (wanted === "help") console.log(USAGE);
else if (wanted === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else process.exitCode = (await run(wanted.steps, wanted.state)) ? 0 : 1;
