import { type HomeIdentity, type Slot } from "@zspine/core/engine";
import { ByteReader } from "../block/byte-reader.ts";
import { ByteWriter } from "../block/byte-writer.ts";
import { HEADER_BYTES, seal, unseal } from "../block/header.ts";

/** Under which the lists of warm slots lie: a head names none, for a store is whole without. */
export const WARM_PREFIX = "warm/";

const ENTRY_BYTES = 16;
const HEAT_MAX = 0xffff;

/**
 * Encodes which slots look-ups have used, those that are to be brought first before the others: for each the writer, batch
 * and number of its block, and its heat, 4 bytes each, after a header (header.ts, magic `ZSPW`).
 */
export function encodeWarmList(slots: readonly Slot[], identity: HomeIdentity): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES + slots.length * ENTRY_BYTES, HEADER_BYTES);
  for (const { home, heat } of slots) {
    const { writer: by, batch, number } = home!.identity;
    for (const field of [by, batch, number, Math.min(heat, HEAT_MAX)]) writer.uint32(field);
  }
  return seal(writer, "ZSPW", identity, slots.length, 0);
}

/**
 * Decodes a list: the heat of each slot by {@link warmKey}, in the order in which they are to be brought.
 *
 * @throws `ZSPINE_CORRUPT`, `ZSPINE_FORMAT`.
 */
export function decodeWarmList(bytes: Uint8Array, identity: HomeIdentity): ReadonlyMap<string, number> {
  const where = "a list of warm slots";
  const { rows, body } = unseal(bytes, "ZSPW", identity, where);
  const reader = new ByteReader(body, where);
  const heats = new Map<string, number>();
  for (let entry = 0; entry < rows; entry++) {
    const [writer, batch, number] = [reader.uint32(), reader.uint32(), reader.uint32()];
    heats.set(warmKey({ writer, batch, number }), reader.uint32());
  }
  reader.end();
  return heats;
}

/** What stands for a slot in a list. */
export function warmKey({ writer, batch, number }: HomeIdentity): string {
  return `${writer} ${batch} ${number}`;
}
