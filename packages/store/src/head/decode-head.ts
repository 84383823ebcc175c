import { ZspineError } from "@zspine/core";
import {
  areClones,
  areHolds,
  areNames,
  areTables,
  areTraces,
  isCount,
  isMail,
  isUint32,
} from "./head-fields.ts";
import { hasFields, isName } from "./fields.ts";
import { FORMAT_VERSION, HEADER_BYTES, headChecksum, MAGIC, VERSION_WITH_MORE, type Head } from "./head.ts";
import { isMetadata } from "./metadata.ts";

const FIELDS = {
  number: (value: unknown) => isCount(value) && value > 0,
  epoch: isCount,
  commit: isCount,
  writer: isName,
  previous: isUint32,
  seed: (value: unknown) => hasFields(value, { k0: isUint32, k1: isUint32 }),
  serializer: (value: unknown) =>
    value === null || hasFields(value, { name: isName, id: Number.isSafeInteger }),
  tables: areTables,
  traces: areTraces,
  dropped: areNames,
  metadata: isMetadata,
  holds: areHolds,
} as const;

/** What a head has where there is some, one of them at least in a head of version 6. */
const MORE_FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  clones: areClones,
  mail: isMail,
};

const NOTHING_MORE: Pick<Head, "clones" | "mail"> = { clones: [] };

function parseHead(json: Uint8Array, version: number): Head | undefined {
  try {
    const head: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (typeof head !== "object" || head === null) return undefined;
    const more = Object.entries(MORE_FIELDS).filter(([name]) => Object.hasOwn(head, name));
    if (more.length > 0 !== (version === VERSION_WITH_MORE)) return undefined;
    const isHead = hasFields(head, { ...FIELDS, ...Object.fromEntries(more) });
    return isHead ? { ...NOTHING_MORE, ...(head as unknown as Head) } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Decodes a head that was stored under `number`.
 *
 * @throws `ZSPINE_CORRUPT` when the bytes are damaged or are another head's, `ZSPINE_FORMAT` when another version wrote them.
 */
export function decodeHead(bytes: Uint8Array, number: number): Head {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw corrupt(number, "is no head");
  const length = view.getUint32(8, true);
  if (length !== bytes.length - HEADER_BYTES)
    throw corrupt(number, `has ${bytes.length} bytes, not ${length + HEADER_BYTES}`);
  if (view.getUint32(12, true) !== headChecksum(bytes)) throw corrupt(number, "fails its checksum");
  const version = view.getUint16(4, true);
  if (version !== FORMAT_VERSION && version !== VERSION_WITH_MORE) throw otherFormat(number, version);
  const head = parseHead(bytes.subarray(HEADER_BYTES), version);
  if (head === undefined) throw corrupt(number, "does not hold what a head holds");
  if (head.number !== number) throw corrupt(number, `says that it is head ${head.number}`);
  if (head.commit > number) throw corrupt(number, `says that commit ${head.commit} came before it`);
  return head;
}

function otherFormat(number: number, version: number): ZspineError {
  const advice =
    version < FORMAT_VERSION
      ? "open it with the version that wrote it, and copy its rows to a new store"
      : "open it with the version that wrote it, or a newer one";
  return new ZspineError(
    "ZSPINE_FORMAT",
    `head ${number} is of format ${version}, and this version of @zspine/store reads formats ${FORMAT_VERSION} and ${VERSION_WITH_MORE}; ${advice}`,
  );
}

function corrupt(number: number, what: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `head ${number} ${what}; open the store with { recover: "previous" } to go back to the head before it, or restore a backup`,
  );
}
