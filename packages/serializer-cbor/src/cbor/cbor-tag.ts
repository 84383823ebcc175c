import { EXTENSION_ID_MAX, MARK } from "@zspine/core";

/** Tags that others know; see the table of `CborFormat`. */
export const TAG = {
  TIME: 1,
  BIGINT: 2,
  BIGINT_NEGATIVE: 3,
  SET: 258,
  MAP: 259,
  TEXT: 273,
} as const;

/** Tags of our own: −1 … −32 are this number minus the code, extensions this number plus 32 and their id. */
const OWN_TAGS = 45_056;
const OWN_CODES = 32;

/** The most bytes of a bigint under a tag that others know: cbor-x reads them in quadratic time. */
export const KNOWN_BIGINT_BYTES = 1024;

// Typed arrays of RFC 8746, little-endian, by their codes downwards.
const VIEW_TAGS = [72, 68, 77, 69, 78, 70, 85, 86, 79, 71];

const KNOWN_TAGS: ReadonlyMap<number, number> = new Map<number, number>([
  [MARK.BIGINT, TAG.BIGINT],
  [MARK.BIGINT_NEGATIVE, TAG.BIGINT_NEGATIVE],
  [MARK.SET, TAG.SET],
  [MARK.MAP, TAG.MAP],
  [MARK.TEXT, TAG.TEXT],
  ...VIEW_TAGS.map((tag, at) => [MARK.FIRST_VIEW - at, tag] as const),
]);

const CODES: ReadonlyMap<number, number> = new Map<number, number>([
  ...[...KNOWN_TAGS].map(([code, tag]) => [tag, code] as const),
  [TAG.TIME, MARK.DATE],
]);

/** Gives the tag that stands for a mark where others know one, else one of our own. */
export function tagOf(code: number): number {
  return KNOWN_TAGS.get(code) ?? ownTagOf(code);
}

/** Gives the tag of our own that stands for a mark. */
export function ownTagOf(code: number): number {
  return code < 0 ? OWN_TAGS - code : OWN_TAGS + OWN_CODES + 1 + code;
}

/** Gives the code of the mark that a tag stands for; `undefined` for tags that are not written. */
export function codeOf(tag: number): number | undefined {
  const known = CODES.get(tag);
  if (known !== undefined) return known;
  const own = tag - OWN_TAGS;
  if (own >= 1 && own <= OWN_CODES) return -own;
  const id = own - OWN_CODES - 1;
  return id >= 0 && id <= EXTENSION_ID_MAX ? id : undefined;
}
