import { sep } from "node:path";
import { isValueName } from "@zspine/core";

// The layout of a location, version 3. All names are ASCII and lower case but for the marker and the lock, so
// that they mean the same on every file system.
//
//  entry                          is
//  -----------------------------  ---------------------------------------------------------------------------
//  ZSPINE, ZSPINE.lock            marker and lock, of @zspine/location
//  journal/<16 digits>~           heads and small values: records, as `src/journal/record.ts` says. The one of the
//                                 highest number counts; its first record has all that is kept from those before
//  values/<part>/…/<part>~        a value that is not in the journal: the bytes as they were put. Its name is the
//                                 parts joined by `/`. Where both have one, as after a kill, the journal counts
//  created/<part>/…/<part>~       a value that was created, or put by a guest, spelt as in `values`; never in both. Its
//                                 directories stay
//  tmp/<token>/<counter>~         a file that is not finished, or no longer wanted, of the handle `token`
//  newest                         16 digits, a space, the same digits and a line feed: the newest head that was
//                                 acknowledged as synced. A hint, never synced: when it names a head above those
//                                 that are there, they were rolled back. Torn, it is not spelt so and says nothing
//  unsynced                       a handle that has put values into `values` `relaxed` is open, or ended without a
//                                 close. Empty: all of them are to be synced. Else a sync has failed, and what it was
//                                 to make durable is written anew: paths below the location, one a line, those of
//                                 directories with a `/` at the end
//
// Scratch (`keeps: false`) has a marker in a directory within its location, and files `<number>~` in which values lie; where,
// only its handle knows.
//
// `a` and `a/b` are both names, so a file ends in `~`, which is in no name, and a directory does not. A part that
// Windows would take for a device (`con`, `com1.x`) has a `+` after the device, and one that ends in a dot, which
// Windows drops, has a `+` after it. Whatever is not spelt so, is not ours and is not looked at.

/** The version of the layout. */
export const LAYOUT_VERSION = 3;

/** The directories of a location. */
export const DIRECTORIES = ["values", "created", "journal", "tmp"] as const;

/** Those that a guest needs, and makes where the location is older than they are. */
export const GUEST_DIRECTORIES = ["created", "tmp"] as const;

/** The entries of a location that belong to this backend, or did in the layout before. */
export const ENTRIES = ["values", "created", "journal", "heads", "tmp", "newest", "unsynced"] as const;

const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)/;
const SEGMENT = /^(\d{16})~$/;

/** The path of a value below `values`; its last part is the file. */
export function valuePath(name: string): string {
  const parts = name.split("/");
  const leaf = parts.pop() ?? "";
  return [...parts.map(directoryEntry), fileEntry(leaf)].join(sep);
}

/** The path below `values` of the directory of the names that begin with `parts` and a `/`. */
export function directoryPath(parts: readonly string[]): string {
  return parts.map(directoryEntry).join(sep);
}

/** The last part of a name of which an entry is the file; undefined when it is none of ours. */
export function partOfFile(entry: string): string | undefined {
  return decode(entry, fileEntry);
}

/** The part of a name of which an entry is the directory; undefined when it is none of ours. */
export function partOfDirectory(entry: string): string | undefined {
  return decode(entry, directoryEntry);
}

/** The file of a segment of the journal. */
export function segmentEntry(sequence: number): string {
  return `${digits(sequence)}~`;
}

/** The number of the segment of which an entry is the file; undefined when it is none of ours. */
export function segmentOfEntry(entry: string): number | undefined {
  const sequence = Number(SEGMENT.exec(entry)?.[1]);
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : undefined;
}

/** The text of the hint at the newest head. */
export function hintText(number: number): string {
  return `${digits(number)} ${digits(number)}\n`;
}

/** Reads the hint; 0 when it says nothing. */
export function parseHint(text: string): number {
  return text.length === 34 && text === hintText(Number(text.slice(0, 16))) ? Number(text.slice(0, 16)) : 0;
}

function digits(number: number): string {
  return String(number).padStart(16, "0");
}

function fileEntry(part: string): string {
  return `${part.replace(DEVICE, "$1+")}~`;
}

function directoryEntry(part: string): string {
  return part.replace(DEVICE, "$1+").replace(/\.$/, ".+");
}

function decode(entry: string, encode: (part: string) => string): string | undefined {
  const part = entry.replaceAll(/[+~]/g, "");
  return isValueName(part) && encode(part) === entry ? part : undefined;
}
