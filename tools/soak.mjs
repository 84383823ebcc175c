// @ts-check
// `npm run soak`: the tests that find more the longer they run, for minutes: kills processes that write stores,
// again and again, at moments that a seed chooses. `npm run soak -- cut`: cuts the power instead, of file systems on
// loop devices, which takes root. Exits with 1 when anything acknowledged was lost.

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { root } from "./project.mjs";
import { setup } from "./setup.mjs";
import { wholeNumber } from "./whole-number.mjs";

const usage = `Usage: npm run soak -- [cut] [options]
  cut        cuts the power of ext4 and XFS on loop devices, where the machine lets it, and kills nothing
  --kills N  how often a process is killed over each backend (default 150)
  --cuts N   how often the power is cut of each file system under each backend (default 100)
  --seed N   what chooses the moments (default: another each time; it is printed)`;

const options = /** @type {const} */ ({
  kills: { type: "string", default: "150" },
  cuts: { type: "string", default: "100" },
  seed: { type: "string", default: String(1 + (Date.now() % 1_000_000)) },
  help: { type: "boolean", short: "h" },
});
const { values, positionals } = parseArgs({ options, allowPositionals: true });
if (values.help) {
  console.log(usage);
  process.exit();
}
const isCut = positionals[0] === "cut";
if (positionals.length > (isCut ? 1 : 0)) {
  console.error(`error: expected "cut" or nothing, found "${positionals.join(" ")}"\n${usage}`);
  process.exit(2);
}
const cuts = wholeNumber("cuts", values.cuts, { usage });
const kills = wholeNumber("kills", values.kills, { usage });
const seed = wholeNumber("seed", values.seed, { usage });

setup();
const what = isCut
  ? { times: `${cuts} cuts of each file system`, again: `cut --cuts ${cuts}`, tests: "cut/real-cut.test.ts" }
  : { times: `${kills} kills over each backend`, again: `--kills ${kills}`, tests: "crash/" };
console.log(`${what.times}; again with: npm run soak -- ${what.again} --seed ${seed}`);
const vitest = spawnSync(
  process.execPath,
  [`${root}node_modules/vitest/vitest.mjs`, "run", `packages/store/test/${what.tests}`],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ZSPINE_SEED: String(seed),
      ...(isCut ? { ZSPINE_CUTS: String(cuts) } : { ZSPINE_KILLS: String(kills) }),
    },
  },
);
process.exitCode = vitest.status ?? 1;
