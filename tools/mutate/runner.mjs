// @ts-check
// A process that runs tests on changed sources, by orders of its parent: one vitest that stays, so that a mutant costs
// its tests and not their start. No file is changed; vitest is given another text for it. Who hangs is killed from
// outside, with all of this process.

import { createVitest } from "vitest/node";
import { root } from "../project.mjs";

/**
 * @typedef {object} Order
 * @property {Readonly<Record<string, string>>} texts of files, by path relative to the root, in place of what they hold
 * @property {readonly string[]} tests paths of test files, run in this order until one fails
 * @property {string} [markTo] a folder: what ran goes there, a file for each test (survey.mjs)
 * @property {number} [marks]
 */

/** @typedef {{ failed: string, passed: readonly string[] }} Answer `failed` is the first that failed, or empty. */

/** @type {ReadonlyMap<string, string>} */
let texts = new Map();

const plugin = {
  name: "mutant",
  enforce: /** @type {const} */ ("pre"),
  transform: (/** @type {string} */ _code, /** @type {string} */ id) => texts.get(id.replace(/\?.*$/, "")),
};

const isSurvey = process.argv[2] === "survey";
const vitest = await createVitest(
  "test",
  {
    root,
    watch: false,
    maxWorkers: 1,
    bail: 1,
    reporters: [{}],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5000,
    ...(isSurvey ? { setupFiles: [`${root}tools/mutate/survey-setup.mjs`], testTimeout: 600_000 } : {}),
  },
  { plugins: [plugin] },
);
await vitest.standalone();

/** @type {Map<string, import("vitest/node").TestSpecification>} */
const specifications = new Map();
for (const specification of await vitest.globTestSpecifications())
  specifications.set(specification.moduleId.slice(root.length), specification);

/**
 * @param {Order} order
 * @returns {Promise<Answer>}
 */
async function obey({ texts: changed, tests, markTo = "", marks = 0 }) {
  const before = texts;
  texts = new Map(Object.entries(changed).map(([path, text]) => [root + path, text]));
  for (const path of new Set([...before.keys(), ...texts.keys()])) vitest.invalidateFile(path);
  Object.assign(process.env, { ZSPINE_MARK_TO: markTo, ZSPINE_MARKS: String(marks) });
  /** @type {string[]} */
  const passed = [];
  for (const test of tests) {
    const specification = specifications.get(test);
    if (!specification) return { failed: `${test} (there is none)`, passed };
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
    const own = testModules.filter(({ moduleId }) => moduleId === specification.moduleId);
    if (unhandledErrors.length > 0 || own.length === 0 || own.some((found) => !found.ok()))
      return { failed: test, passed };
    passed.push(test);
  }
  return { failed: "", passed };
}

let queue = Promise.resolve();
process.on("message", (/** @type {Order} */ order) => {
  queue = queue
    .then(() => obey(order))
    .then((answer) => void process.send?.(answer))
    .catch((error) => {
      console.error(error);
      process.exit(1);
    });
});
process.on("disconnect", () => process.exit());
process.send?.({ tests: [...specifications.keys()] });
