// @ts-check
// The support matrix: what each backend declares that it can do, and its suite proves, from test/capabilities.ts of each.

import ts from "typescript";

/** @typedef {{ durable: boolean, syncReads: boolean, shared: boolean, guests?: boolean, maxValueBytes: number, preferredValueBytes: number }} Capabilities */

/** What is asked of each, and in which words the table has the answer. @type {readonly (readonly [string, (of: Capabilities) => string])[]} */
const QUESTIONS = [
  ["keeps what was written", ({ durable }) => (durable ? "yes" : "no")],
  ["reads at once", ({ syncReads }) => (syncReads ? "yes" : "no")],
  ["several processes at a time", ({ shared }) => (shared ? "yes" : "no")],
  ["guests beside its writer", ({ guests }) => (guests === true ? "yes" : "no")],
  ["largest value", ({ maxValueBytes }) => sizeOf(maxValueBytes)],
  ["values it prefers", ({ preferredValueBytes }) => sizeOf(preferredValueBytes)],
];

/** @param {number} bytes */
export function sizeOf(bytes) {
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), 4);
  return `${bytes / 2 ** (10 * power)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

/**
 * Reads what a module of constants exports. It may import types only.
 * @param {string} text
 * @returns {Promise<Record<string, Capabilities>>} by the name of the constant
 */
async function capabilitiesOf(text) {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
}

/**
 * `, in browser` for `capabilitiesInBrowser`.
 * @param {string} constant
 */
function whereOf(constant) {
  const words = constant
    .slice("capabilities".length)
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words === "" ? "" : `,${words}`;
}

/**
 * The table, in Markdown: backends across, what is asked of them down.
 * @param {import("../project.mjs").Files} files test/capabilities.ts of each backend, by path
 */
export async function capabilityTable(files) {
  const columns = await Promise.all(
    [...files].map(async ([path, text]) =>
      Object.entries(await capabilitiesOf(text)).map(([constant, capabilities]) => ({
        title: `\`${path.split("/")[1]}\`${whereOf(constant)}`,
        capabilities,
      })),
    ),
  );
  const all = columns.flat();
  const rows = QUESTIONS.map(
    ([question, answer]) =>
      `| ${[question, ...all.map(({ capabilities }) => answer(capabilities))].join(" | ")} |`,
  );
  return [
    `| | ${all.map(({ title }) => title).join(" | ")} |`,
    `|---|${"---|".repeat(all.length)}`,
    ...rows,
  ].join("\n");
}
