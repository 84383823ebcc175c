import { quote, ZspineError } from "@zspine/core";
import type { Bucket } from "../client/bucket.ts";
import { probeConditions } from "./probe.ts";
import { EDITS, headNumber, HEADS, MARKER, PACKS, PROBES, VALUES } from "../layout/keys.ts";

const FORMAT = "zspine-s3";
const VERSION = 1;
const LAYOUT = [EDITS, HEADS, PACKS, PROBES, VALUES];

/** What the marker of a place says. */
interface Marker {
  readonly format: string;
  readonly version: number;
  /** Tells the place from all others, and from those that were here before. */
  readonly id?: string | undefined;
  /** When, and through which endpoints, it was found that objects are created if they are absent. */
  readonly probed?: { readonly date: string; readonly endpoints: readonly string[] } | undefined;
}

/** How a place is opened. */
export interface PlaceWish {
  readonly role: "writer" | "guest" | "reader";
  /** Whether to probe the service each time, or when it has not been through these endpoints. */
  readonly probe: "always" | "once";
  readonly endpoints: readonly string[];
  /** How messages call it. */
  readonly where: string;
  /** Tells a probe from all others, and the place where it is new. */
  readonly id: string;
}

/** What an opening has found. */
export interface FoundPlace {
  /** The newest head; 0 for none. */
  readonly head: number;
  readonly edits: readonly string[];
  /** What tells the place from all others; `undefined` where it could not be told. */
  readonly id: string | undefined;
}

/**
 * Finds a place, or makes it where there is nothing: reads the marker, and one page of a listing that has the newest head and
 * all edits, both at once. Who is to write has the service probed first, once for each endpoint.
 *
 * @throws (rejects with) `ZSPINE_FORMAT` when something else is there, or a newer version has made it; `ZSPINE_IO` when there is
 *   nothing, and it is not a writer who opens it; `ZSPINE_NOT_SUPPORTED` when the service does not create objects if absent.
 */
export async function findPlace(bucket: Bucket, wish: PlaceWish): Promise<FoundPlace> {
  const { role, where } = wish;
  const what = `opening ${where}`;
  const [found, page] = await Promise.all([bucket.get(MARKER, what), bucket.list("", what)]);
  const marker = found === undefined ? undefined : checkMarker(found.bytes, where);
  if (marker === undefined) checkEmpty(page.keys, role, where);
  const place = role === "reader" ? marker : await probeOnce(bucket, marker, wish);
  const edits = page.keys.filter((key) => key.startsWith(EDITS));
  let newest = page.keys.find((key) => key.startsWith(HEADS));
  // More edits than fit a page; heads come after them.
  if (newest === undefined && page.next !== undefined) {
    edits.length = 0;
    for await (const key of bucket.listAll(EDITS, what)) edits.push(key);
    [newest] = (await bucket.list(HEADS, what, undefined, 1)).keys;
  }
  return { head: newest === undefined ? 0 : headNumber(newest), edits, id: place?.id };
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
    const other = foreign ?? keys.find((key) => !key.startsWith(PROBES));
    if (other !== undefined) throw foreignPlace(where, other);
  }
  await bucket.remove(keys, what);
  // Last, so that what is left of a drop that fails is still known for what it is.
  await bucket.remove([MARKER], what);
}

/** Probes the service where that is due, and says so in the marker. Resolves to the marker as it is then. */
async function probeOnce(
  bucket: Bucket,
  marker: Marker | undefined,
  wish: PlaceWish,
): Promise<Marker | undefined> {
  const { endpoints, where, id } = wish;
  const known = marker?.probed?.endpoints ?? [];
  const isKnown = endpoints.every((endpoint) => known.includes(endpoint));
  if (isKnown && wish.probe === "once") return marker;
  await probeConditions(bucket, id, where);
  const all = [...new Set([...known, ...endpoints])];
  const told: Marker = {
    format: FORMAT,
    version: VERSION,
    id: marker?.id ?? id,
    probed: { date: new Date().toISOString(), endpoints: all },
  };
  // Of several that say it at once, whichever is last is right; and nobody else has the id of one that was not.
  await bucket.put(MARKER, new TextEncoder().encode(JSON.stringify(told)), id, `opening ${where}`);
  return told;
}

/** @throws `ZSPINE_FORMAT` when something is there, `ZSPINE_IO` when nothing is and that is not to be changed. */
function checkEmpty(keys: readonly string[], role: PlaceWish["role"], where: string): void {
  // A marker that came just now is another writer's; and of a probe that was cut short something may be left.
  const foreign = keys.find((key) => !key.startsWith(PROBES));
  if (foreign === MARKER) return;
  if (foreign !== undefined) throw foreignPlace(where, foreign);
  if (role === "writer") return;
  throw new ZspineError(
    "ZSPINE_IO",
    `there is no store at ${where} to read; check bucket and prefix, or open it to write first`,
  );
}

function checkMarker(bytes: Uint8Array, where: string): Marker {
  let marker: Partial<Marker>;
  try {
    marker = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Marker>;
  } catch {
    marker = {};
  }
  if (marker.format !== FORMAT) throw foreignPlace(where, MARKER);
  if (marker.version === VERSION) return marker as Marker;
  const message = `${where} has format version ${quote(marker.version)}, and this version of @zspine/backend-s3 reads ${VERSION}; install a newer one`;
  throw new ZspineError("ZSPINE_FORMAT", message);
}

function foreignPlace(where: string, key: string): ZspineError {
  return new ZspineError(
    "ZSPINE_FORMAT",
    `${where} holds ${quote(key)}, which is nothing of zspine's; choose a prefix of its own, under which there is nothing`,
  );
}
