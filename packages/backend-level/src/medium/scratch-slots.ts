/** What stands between the name that a user gave, and the number of a database for scratch. */
const MARK = "~";

/** The name of the database number `slot` for scratch at a location. */
export function scratchName(location: string, slot: number): string {
  return `${location}${MARK}${slot}`;
}

/** Whether a name is one of a database for scratch at a location. */
export function isScratchName(name: string, location: string): boolean {
  const slot = name.slice(location.length + MARK.length);
  return name.startsWith(location + MARK) && /^\d+$/.test(slot);
}
