/** What has no columns of its own, as bytes of MessagePack. */
const OPAQUE = 'opaque(unknown,"msgpack",1)';

/**
 * Guesses the type of values of JSON, as a schema names it: objects field by field, and what is of several types, or an
 * array, as opaque. Texts stay texts.
 */
export function typeOfJson(values: readonly unknown[]): string {
  const given = values.filter((value) => value !== null && value !== undefined);
  const absence = `${values.includes(null) ? "?null" : ""}${values.includes(undefined) ? "?undefined" : ""}`;
  if (given.length === 0) return absence === "" ? "?undefined" : absence;
  const base = typeOfGiven(given);
  return base === OPAQUE ? base : `${base}${absence}`;
}

function typeOfGiven(values: readonly unknown[]): string {
  const types = new Set(values.map(kindOf));
  if (types.size > 1) return OPAQUE;
  switch ([...types][0]) {
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "number":
      return values.every((value) => Number.isSafeInteger(value)) ? "int" : "number";
    case "object":
      return objectOf(values as readonly Readonly<Record<string, unknown>>[]);
    default:
      return OPAQUE;
  }
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

/** The type of objects, with all fields that any of them has. */
function objectOf(values: readonly Readonly<Record<string, unknown>>[]): string {
  const names = new Set(values.flatMap((value) => Object.keys(value)));
  const fields = [...names].map((name) => {
    const held = values.map((value) => (Object.hasOwn(value, name) ? value[name] : undefined));
    return `${JSON.stringify(name)}:${typeOfJson(held)}`;
  });
  return `{${fields.join(",")}}`;
}
