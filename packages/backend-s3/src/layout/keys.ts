/**
 * The keys of objects, from the prefix of a place on; `number` is that of a head.
 *
 * | key                               | is                                                                             |
 * | --------------------------------- | ------------------------------------------------------------------------------ |
 * | `edit/<writer>-<counter>`         | names that were removed, and that the newest head still says are in a pack     |
 * | `head/<10^15 - 1 - number>`       | a head, with the directory of packs, and small values that came with it        |
 * | `pack/<number>-<id>`              | values that came with a head, made for one attempt to create that one          |
 * | `probe/…`                         | what is left of a probe that was cut short                                     |
 * | `value/<name>!`                   | a value that came with none                                                    |
 * | `zspine`                          | the marker: format, version, and what a probe has found                        |
 *
 * The id of a pack is `<writer>-<counter>-<bytes>`, where bytes, in base 36, is what the object has; some that are older lack it.
 *
 * Listings ascend: one page from the beginning has all edits and the newest heads. No key is a folder of another, which services
 * over a file system could not keep both: so keys of values end in `!`, which sorts before all that names are made of.
 */
const DIGITS = 15;
const LAST = 10 ** DIGITS - 1;

export const EDITS = "edit/";
export const HEADS = "head/";
export const PACKS = "pack/";
export const PROBES = "probe/";
export const VALUES = "value/";
export const MARKER = "zspine";

/** The key of a head. */
export function headKey(number: number): string {
  return HEADS + String(LAST - number).padStart(DIGITS, "0");
}

/** The number of a head by its key. */
export function headNumber(key: string): number {
  return LAST - Number(key.slice(HEADS.length));
}

/** The key of a pack, by the head that it was made for and its own name, which no other has. */
export function packKey(number: number, id: string): string {
  return `${PACKS}${String(number).padStart(DIGITS, "0")}-${id}`;
}

/** The number of the head that a pack was made for. */
export function packNumber(key: string): number {
  return Number(key.slice(PACKS.length, PACKS.length + DIGITS));
}

/** The name of a pack's own: what no other has, and how many bytes it has. */
export function packId(id: string, bytes: number): string {
  return `${id}-${bytes.toString(36)}`;
}

/** How many bytes a pack has, by its own name; 0 where that does not tell. */
export function packBytes(id: string): number {
  const [, , bytes = "0"] = id.split("-");
  return parseInt(bytes, 36);
}

/** The key of a value that is an object of its own. */
export function valueKey(name: string): string {
  return `${VALUES}${name}!`;
}

/** The name of a value by its key. */
export function valueName(key: string): string {
  return key.slice(VALUES.length, -1);
}
