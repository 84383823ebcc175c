/** Has all parts in a value count what they count when they are first asked, for comparing them whole. */
export function counted<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if ("weights" in value) {
    const { bytes, totalWeight } = value as unknown as Record<string, unknown>;
    if (typeof bytes !== "number" || typeof totalWeight !== "number") throw new TypeError("not a part");
  } else for (const inner of Object.values(value)) counted(inner);
  return value;
}
