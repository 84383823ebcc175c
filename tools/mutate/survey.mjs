// @ts-check
// The survey: which stretches of the targets each test file reaches, and what it costs. It is made once and kept; a test
// file that has changed is asked again, and all of them when a source has.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readText } from "../project.mjs";
import { Hand } from "./hand.mjs";
import { marked, stretchesOf } from "./mutations.mjs";

const CPU_SECONDS_MAX = 600;

/**
 * @typedef {object} Reach of one test file
 * @property {string} hash of its text
 * @property {number} cpuSeconds
 * @property {readonly number[]} ran numbers of stretches
 */

/** @typedef {{ file: string, base: number, stretches: readonly { start: number, end: number, isExpression: boolean }[] }} Ruler */

/** @param {string} text */
export function hashOf(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/**
 * Numbers the stretches of all files.
 * @param {ReadonlyMap<string, string>} sources
 * @returns {Ruler[]}
 */
export function rulersOf(sources) {
  let base = 0;
  return [...sources].map(([file, source]) => {
    const stretches = stretchesOf(file, source);
    const ruler = { file, base, stretches };
    base += stretches.length;
    return ruler;
  });
}

/**
 * The number of the smallest stretch that holds a place; of a block that is emptied, which runs when its first
 * statement does, that of this: around the body of a method there is only the module.
 * @param {readonly Ruler[]} rulers
 * @param {{ file: string, start: number, end: number, what: string }} mutation
 */
export function stretchAt(rulers, { file, start, end, what }) {
  const ruler = rulers.find((found) => found.file === file);
  if (!ruler) throw new Error(`${file} is not among the targets`);
  const first = ruler.stretches.findIndex((stretch) => start < stretch.start && stretch.end <= end);
  if (what === "empty: the block" && first !== -1) return ruler.base + first;
  let [smallest, size] = [0, Infinity];
  ruler.stretches.forEach((stretch, n) => {
    const isInside = stretch.start <= start && end <= stretch.end;
    if (isInside && stretch.end - stretch.start < size) [smallest, size] = [n, stretch.end - stretch.start];
  });
  return ruler.base + smallest;
}

/**
 * The tests that reach a stretch, cheapest first, as many as cost `cpuSecondsMax` together, and one at least.
 * @param {ReadonlyMap<string, Reach>} survey
 * @param {number} stretch
 * @param {number} cpuSecondsMax
 */
export function testsOf(survey, stretch, cpuSecondsMax) {
  const reaching = [...survey].filter(([, { ran }]) => ran.includes(stretch));
  reaching.sort(([a, { cpuSeconds: x }], [b, { cpuSeconds: y }]) => x - y || (a < b ? -1 : 1));
  let cpuSeconds = 0;
  const tests = reaching.filter(([, reach], n) =>
    n === 0 || cpuSeconds + reach.cpuSeconds <= cpuSecondsMax
      ? ((cpuSeconds += reach.cpuSeconds), true)
      : false,
  );
  return { tests: tests.map(([test]) => test), cpuSeconds };
}

/**
 * Surveys what has not been, and keeps it. Test files that fail are left out, and named.
 * @param {ReadonlyMap<string, string>} sources the targets
 * @param {string} keptAt a file
 * @param {(line: string) => void} say
 * @param {number} end when to stop, as `performance.now()` tells it
 * @returns {Promise<Map<string, Reach>>}
 */
export async function makeSurvey(sources, keptAt, say, end) {
  const hash = hashOf(JSON.stringify([...sources]));
  const rulers = rulersOf(sources);
  const texts = Object.fromEntries(
    rulers.map(({ file, base, stretches }) => [file, marked(sources.get(file) ?? "", stretches, base)]),
  );
  const marks = rulers.reduce((sum, { stretches }) => sum + stretches.length, 0);
  const kept = existsSync(keptAt) ? JSON.parse(readFileSync(keptAt, "utf8")) : {};
  /** @type {Map<string, Reach>} */
  const survey = new Map(kept.hash === hash ? kept.tests : []);
  // The tests of other packages reach the targets too, and find less for what they cost.
  const near = new Set([...sources.keys()].map((path) => path.replace(/src\/.*$/, "test/")));
  const isNear = (/** @type {string} */ test) => [...near].some((folder) => test.startsWith(folder));
  const hand = new Hand(["survey"]);
  const folder = mkdtempSync(join(tmpdir(), "zspine-survey-"));
  try {
    await hand.start();
    for (const test of survey.keys()) if (!hand.tests.includes(test)) survey.delete(test);
    for (const test of hand.tests.filter(isNear)) {
      const own = hashOf(readText(test));
      if (survey.get(test)?.hash === own) continue;
      if (performance.now() > end) break;
      const { failed, isLate } = await hand.obey(
        { texts, tests: [test], markTo: folder, marks },
        CPU_SECONDS_MAX,
      );
      const [name] = readdirSync(folder);
      const found =
        name === undefined
          ? { cpuSeconds: 0, ran: [] }
          : JSON.parse(readFileSync(join(folder, name), "utf8"));
      if (name !== undefined) rmSync(join(folder, name));
      const isPassed = failed === "" && !isLate;
      if (!isPassed) say(`left out, for it fails as things are: ${test}`);
      survey.set(test, { hash: own, cpuSeconds: found.cpuSeconds, ran: isPassed ? found.ran : [] });
      say(`surveyed ${test}: ${found.cpuSeconds.toFixed(1)} s, ${found.ran.length} stretches`);
      mkdirSync(join(keptAt, ".."), { recursive: true });
      writeFileSync(keptAt, JSON.stringify({ hash, tests: [...survey] }));
    }
  } finally {
    hand.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return survey;
}
