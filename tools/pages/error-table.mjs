// @ts-check
// The table of error codes, made of what `core` says of each code where it declares them.

export const ERRORS_SOURCE = "packages/core/src/error/zspine-error.ts";

/**
 * Reads each code with when it is thrown and what to do, in the order of the source.
 * @param {string} text of the module that declares `ZspineErrorCode`
 * @throws an error for a code of which one of both is not said
 */
export function errorCodesOf(text) {
  const declaration = /export type ZspineErrorCode =([\s\S]*?)";/.exec(text)?.[0] ?? "";
  const said = new Map(
    [...declaration.matchAll(/\/\*\*([^/]*(?:\/(?<!\*\/)[^/]*)*)\*\/\s*\| "(\w+)"/g)].map(
      ([, comment = "", code = ""]) => [code, comment.replaceAll(/\s*\n\s*\* ?/g, " ").trim()],
    ),
  );
  const codes = [...declaration.matchAll(/\| "(\w+)"/g)].map(([, code = ""]) => code);
  if (codes.length === 0) throw new Error(`${ERRORS_SOURCE}: declares no ZspineErrorCode`);
  return codes.map((code) => {
    const [, when, advice] = /^When: (.*)\. Do: (.*)\.$/.exec(said.get(code) ?? "") ?? [];
    if (when === undefined || advice === undefined)
      throw new Error(`${ERRORS_SOURCE}: ${code}: expected a comment "When: …. Do: …." before it`);
    return { code, when, advice };
  });
}

/**
 * The table, in Markdown; a guide that a comment names is a link.
 * @param {string} text of the module that declares `ZspineErrorCode`
 */
export function errorTable(text) {
  /** @param {string} words */
  const linked = (words) =>
    words.replaceAll(
      /guide `([\w-]+)(#[\w-]+)?`/g,
      (_, guide, place = "") => `[guide](./${guide}.md${place})`,
    );
  const rows = errorCodesOf(text).map(
    ({ code, when, advice }) => `| \`${code}\` | ${linked(when)} | ${linked(advice)} |`,
  );
  return ["| code | when | do |", "| --- | --- | --- |", ...rows].join("\n");
}
