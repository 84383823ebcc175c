// @ts-check
// What became of the mutants, and what is said of it.

/** @typedef {import("./mutations.mjs").Mutation} Mutation */

/**
 * @typedef {object} Outcome
 * @property {Mutation} mutation
 * @property {"killed" | "late" | "survived" | "unreached"} end late: it hung, and was killed by that
 * @property {string} by the test file that failed
 * @property {number} tests how many test files ran
 * @property {number} cpuSeconds
 */

/** @typedef {{ file: string, code: string, what: string, why: string }} Equivalent as in equivalent.json */

/**
 * Whether a mutation is said to change nothing that a test could see. Lines may move; the code may not change.
 * @param {Mutation} mutation
 * @param {readonly Equivalent[]} equivalents
 */
export function isEquivalent({ file, code, what }, equivalents) {
  return equivalents.some((said) => said.file === file && said.code === code && said.what === what);
}

/** @param {Mutation} mutation */
export function keyOf({ file, start, end, what }) {
  return `${file}:${start}-${end} ${what}`;
}

/**
 * @param {readonly Outcome[]} outcomes
 * @param {readonly Equivalent[]} equivalents
 */
export function summaryOf(outcomes, equivalents) {
  /** @type {Map<string, { killed: number, survived: number, equivalent: number }>} */
  const files = new Map();
  const survivors = [];
  const total = { killed: 0, survived: 0, equivalent: 0 };
  for (const outcome of outcomes) {
    const { mutation, end } = outcome;
    const counts = files.get(mutation.file) ?? { killed: 0, survived: 0, equivalent: 0 };
    files.set(mutation.file, counts);
    const isKilled = end === "killed" || end === "late";
    const column = isKilled ? "killed" : isEquivalent(mutation, equivalents) ? "equivalent" : "survived";
    counts[column]++;
    total[column]++;
    if (column === "survived") survivors.push(outcome);
  }
  const asked = total.killed + total.survived;
  return { files, total, survivors, share: asked === 0 ? 1 : total.killed / asked };
}

/**
 * The summary as text: a table by file, then each survivor.
 * @param {ReturnType<typeof summaryOf>} summary
 */
export function reportOf({ files, total, survivors, share }) {
  const row = (/** @type {readonly (string | number)[]} */ cells) =>
    cells.map((cell, n) => (n === 0 ? String(cell).padEnd(54) : String(cell).padStart(11))).join("");
  const rows = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    row(["file", "killed", "survived", "equivalent"]),
    ...rows.map(([file, { killed, survived, equivalent }]) => row([file, killed, survived, equivalent])),
    row(["all", total.killed, total.survived, total.equivalent]),
  ];
  for (const { mutation, end, tests, cpuSeconds } of survivors) {
    const what =
      end === "unreached" ? "no test reaches it" : `${tests} test files passed, ${cpuSeconds.toFixed(1)} s`;
    lines.push(
      "",
      `${mutation.file}:${mutation.line} survived (${mutation.what}): ${what}`,
      `    ${mutation.code}`,
    );
  }
  lines.push("", `${(share * 100).toFixed(1)} % killed of those that are not equivalent`);
  return lines.join("\n");
}
