import { quote, ZspineError } from "@zspine/core";

/**
 * Makes the error for rows of another schema than the trace has: what differs, and how to get from one to the other.
 *
 * @param stored The fingerprint that the trace has.
 * @param given The fingerprint that was given.
 */
export function otherSchema(name: string, stored: string, given: string): ZspineError {
  const [key, value] = [0, 1].map((side) =>
    differences(sides(stored)[side]!, sides(given)[side]!, SIDES[side]!),
  );
  const told = [...key!, ...value!].join("; ");
  return new ZspineError(
    "ZSPINE_SCHEMA",
    `trace ${quote(name)} holds rows of ${stored}, but ${given} was given: ${told}. Pass the schema that it was ` +
      "created with; or copy its rows: open it with the schema that it has, make a trace of another name with the new " +
      "one and { create: true }, move them by migrate(store, store, [move(old, fresh, map)], { name }) of @zspine/data, " +
      "which goes on after whatever end, and drop the old one",
  );
}

const SIDES: readonly string[] = ["key", "value"];

/** Takes the fingerprint of a layout apart into those of key and value. */
function sides(fingerprint: string): readonly [string, string] {
  const [key = "", value = ""] = split(fingerprint, " -> ");
  return [key, value];
}

/** Tells in words what differs between two fingerprints of shapes. */
function differences(stored: string, given: string, path: string): string[] {
  if (stored === given) return [];
  const [before, after] = [fieldsOf(stored), fieldsOf(given)];
  if (before === undefined || after === undefined) return [`${path} was ${stored} and is ${given}`];
  const told: string[] = [];
  for (const [name, type] of before) {
    const now = after.get(name);
    if (now === undefined) told.push(`${path}.${name} (${type}) is missing`);
    else told.push(...differences(type, now, `${path}.${name}`));
  }
  for (const [name, type] of after) if (!before.has(name)) told.push(`${path}.${name} (${type}) is new`);
  if (told.length > 0) return told;
  return [
    `the fields of ${path} are in another order, which is another order of rows: ${[...before.keys()].join(", ")} it was`,
  ];
}

/** The fields of an object by name; `undefined` for what is none, or may be absent. */
function fieldsOf(fingerprint: string): Map<string, string> | undefined {
  if (!fingerprint.startsWith("{") || !fingerprint.endsWith("}")) return undefined;
  const fields = new Map<string, string>();
  for (const field of split(fingerprint.slice(1, -1), ",")) {
    const [name = "", ...type] = split(field, ":");
    fields.set(JSON.parse(name) as string, type.join(":"));
  }
  return fields;
}

/** Splits at a separator that stands in no brackets and in no quotes. */
function split(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (isQuoted) {
      if (letter === "\\") at++;
      else if (letter === '"') isQuoted = false;
    } else if (letter === '"') isQuoted = true;
    else if ("{[(".includes(letter)) depth++;
    else if ("}])".includes(letter)) depth--;
    else if (depth === 0 && text.startsWith(separator, at)) {
      pieces.push(text.slice(start, at));
      start = at + separator.length;
      at = start - 1;
    }
  }
  if (text !== "") pieces.push(text.slice(start));
  return pieces;
}
