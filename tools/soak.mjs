// @ts-check
// `npm run soak`: the tests that find more the longer they run, for minutes: kills processes that write stores,
// again and again, at moments that a seed chooses. Exits with 1 when anything acknowledged was lost.

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { root } from "./project.mjs";
import { setup } from "./setup.mjs";

const usage = `Usage: npm run soak -- [options]
  --kills N  how often a process is killed over each backend (default 150)
  --seed N   what chooses the moments (default: another each time; it is printed)`;

/**
 * Reads a whole number; ends the process where there is none.
 * @param {string} name
 * @param {string} text
 */
function readNumber(name, text) {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  console.error(`error: --${name}: expected a whole number from 1, found "${text}"\n${usage}`);
  return process.exit(2);
}

const options = /** @type {const} */ ({
  kills: { type: "string", default: "150" },
  seed: { type: "string", default: String(1 + (Date.now() % 1_000_000)) },
  help: { type: "boolean", short: "h" },
});
const { values } = parseArgs({ options });
if (values.help) {
  console.log(usage);
  process.exit();
}
const kills = readNumber("kills", values.kills);
const seed = readNumber("seed", values.seed);

setup();
console.log(`${kills} kills over each backend; again with: npm run soak -- --kills ${kills} --seed ${seed}`);
const vitest = spawnSync(
  process.execPath,
  [`${root}node_modules/vitest/vitest.mjs`, "run", "packages/store/test/crash/"],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ZSPINE_KILLS: String(kills), ZSPINE_SEED: String(seed) },
  },
);
process.exitCode = vitest.status ?? 1;
