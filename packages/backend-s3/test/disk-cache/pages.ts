import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ObjectPage } from "../../src/index.ts";

/** The page of an object as every test makes it. */
export function pageOf(object: string, page: number, length: number): ObjectPage {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (object.length * 31 + page * 7 + at) % 251;
  return { bytes, size: 10 * length, etag: `"${object}"` };
}

/** Whether a page that was read is what {@link pageOf} has made, of whatever length. */
export function isPageOf(found: ObjectPage, object: string, page: number): boolean {
  const { bytes, size, etag } = pageOf(object, page, found.bytes.length);
  return found.size === size && found.etag === etag && found.bytes.every((byte, at) => byte === bytes[at]);
}

/** The files below a directory, with their sizes. */
export function filesIn(directory: string): { readonly path: string; readonly size: number }[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(directory, name);
    const state = lstatSync(path, { throwIfNoEntry: false });
    return state?.isFile() === true ? [{ path, size: state.size }] : [];
  });
}

export function bytesIn(directory: string): number {
  return filesIn(directory).reduce((sum, { size }) => sum + size, 0);
}
