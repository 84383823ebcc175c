import { quote, ZspineError } from "@zspine/core";
import type { Bucket } from "../client/bucket.ts";
import { EDITS, headNumber, HEADS, MARKER, PACKS, PROBES, VALUES } from "../layout/keys.ts";

const FORMAT = "zspine-s3";
const VERSION = 1;
const LAYOUT = [EDITS, HEADS, PACKS, PROBES, VALUES];

/** What the marker of a place says. */
interface Marker {
  readonly format: string;
  readonly version: number;
}

/** What an opening has found. */
export interface FoundPlace {
  /** The newest head; 0 for none. */
  readonly head: number;
  readonly edits: readonly string[];
}

/**
 * Finds a place, or makes it where there is nothing: reads the marker, and one page of a listing that has the newest head and
 * all edits, both at once.
 *
 * @throws (rejects with) `ZSPINE_FORMAT` when something else is there, or a newer version has made it; `ZSPINE_IO` when there
 *   is nothing, and it is not a writer who opens it.
 */
export async function findPlace(bucket: Bucket, isWriter: boolean, where: string): Promise<FoundPlace> {
  const what = `opening ${where}`;
  const [marker, page] = await Promise.all([bucket.get(MARKER, what), bucket.list("", what)]);
  if (marker !== undefined) checkMarker(marker.bytes, where);
  else await begin(bucket, page.keys, isWriter, where);
  const edits = page.keys.filter((key) => key.startsWith(EDITS));
  let newest = page.keys.find((key) => key.startsWith(HEADS));
  // More edits than fit a page; heads come after them.
  if (newest === undefined && page.next !== undefined) {
    edits.length = 0;
    for await (const key of bucket.listAll(EDITS, what)) edits.push(key);
    [newest] = (await bucket.list(HEADS, what, undefined, 1)).keys;
  }
  return { head: newest === undefined ? 0 : headNumber(newest), edits };
}

/** Removes a place with everything that this backend has put there, and nothing else. */
export async function dropPlace(bucket: Bucket, where: string): Promise<void> {
  const what = `dropping ${where}`;
  const marker = await bucket.get(MARKER, what);
  if (marker !== undefined) checkMarker(marker.bytes, where);
  const keys: string[] = [];
  let foreign: string | undefined;
  for await (const key of bucket.listAll("", what)) {
    if (LAYOUT.some((start) => key.startsWith(start))) keys.push(key);
    else if (key !== MARKER) foreign ??= key;
  }
  if (marker === undefined) {
    if (keys.length > 0 || foreign !== undefined) throw foreignPlace(where, foreign ?? keys[0]!);
    return;
  }
  await bucket.remove(keys, what);
  // Last, so that what is left of a drop that fails is still known for what it is.
  await bucket.remove([MARKER], what);
}

async function begin(
  bucket: Bucket,
  keys: readonly string[],
  isWriter: boolean,
  where: string,
): Promise<void> {
  const what = `opening ${where}`;
  const [foreign] = keys;
  if (foreign === MARKER) return;
  if (foreign !== undefined) throw foreignPlace(where, foreign);
  if (!isWriter) {
    throw new ZspineError(
      "ZSPINE_IO",
      `there is no store at ${where} to read; check bucket and prefix, or open it to write first`,
    );
  }
  const marker: Marker = { format: FORMAT, version: VERSION };
  // Another may be first, with the same.
  await bucket.create(MARKER, new TextEncoder().encode(JSON.stringify(marker)), what);
}

function checkMarker(bytes: Uint8Array, where: string): void {
  let marker: Partial<Marker>;
  try {
    marker = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Marker>;
  } catch {
    marker = {};
  }
  if (marker.format !== FORMAT) throw foreignPlace(where, MARKER);
  if (marker.version === VERSION) return;
  const message = `${where} has format version ${quote(marker.version)}, and this version of @zspine/backend-s3 reads ${VERSION}; install a newer one`;
  throw new ZspineError("ZSPINE_FORMAT", message);
}

function foreignPlace(where: string, key: string): ZspineError {
  return new ZspineError(
    "ZSPINE_FORMAT",
    `${where} holds ${quote(key)}, which is nothing of zspine's; choose a prefix of its own, under which there is nothing`,
  );
}
