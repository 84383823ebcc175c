/** Objects of the runtime's own kinds, whose content is not their names: no rows, no options, nothing of a schema. */
export const BUILT_INS: readonly (readonly [string, object])[] = [
  ["an array", []],
  ["a Map", new Map()],
  ["a Set", new Set()],
  ["a Date", new Date(0)],
  ["a pattern", /x/],
  ["a promise", Promise.resolve()],
  ["bytes", new Uint8Array()],
  ["an error", new Error("x")],
];
