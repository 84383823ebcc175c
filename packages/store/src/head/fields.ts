/**
 * What heads and tables hold, checked field by field as it comes from `JSON.parse`: each field there, of its type and
 * within its range, and none besides, so that what is not understood is not taken for what it is not.
 */
export function hasFields(
  value: unknown,
  fields: Readonly<Record<string, (field: unknown) => boolean>>,
): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length === Object.keys(fields).length &&
    entries.every(([name, field]) => Object.hasOwn(fields, name) && fields[name]!(field))
  );
}

export function isName(value: unknown): value is string {
  return typeof value === "string";
}
