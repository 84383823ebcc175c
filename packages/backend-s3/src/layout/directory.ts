import { ZspineError } from "@zspine/core";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { headKey, packKey } from "./keys.ts";

/** An object that holds values which came with a head. */
export interface Holder {
  readonly key: string;
  /** The head that they came with. */
  readonly number: number;
  /** The name of the pack; empty where they lie in the head itself. */
  readonly id: string;
}

/** Where a value lies. */
export interface Place {
  readonly holder: Holder;
  readonly offset: number;
  readonly length: number;
}

/** Makes what holds values: a pack, or where `id` is empty the head. */
export function holderOf(number: number, id: string): Holder {
  return { key: id === "" ? headKey(number) : packKey(number, id), number, id };
}

/** Where each value lies that came with a head and was not removed. A directory never changes. */
export type Directory = ReadonlyMap<string, Place>;

/**
 * The bytes of a directory; numbers are varints, the names ascend.
 *
 * | field    | is                                                                                             |
 * | -------- | ---------------------------------------------------------------------------------------------- |
 * | holders  | how many; of each: the number of its head, the length of its name, its name                     |
 * | values   | how many; of each: bytes that its name has in common with the one before, bytes of the rest, the rest, the place of its holder, offset, length |
 */
export function encodeDirectory(directory: Directory): Uint8Array {
  const writer = new ByteWriter();
  const holders = new Map<string, number>();
  for (const { holder } of directory.values())
    if (!holders.has(holder.key)) holders.set(holder.key, holders.size);
  writer.number(holders.size);
  const seen = new Set<string>();
  for (const { holder } of directory.values()) {
    if (seen.has(holder.key)) continue;
    seen.add(holder.key);
    writer.number(holder.number);
    writer.text(holder.id);
  }
  const names = [...directory.keys()].sort();
  writer.number(names.length);
  let before = "";
  for (const name of names) {
    const { holder, offset, length } = directory.get(name)!;
    let same = 0;
    while (same < before.length && before[same] === name[same]) same++;
    writer.number(same);
    writer.text(name.slice(same));
    writer.number(holders.get(holder.key)!);
    writer.number(offset);
    writer.number(length);
    before = name;
  }
  return writer.bytes();
}

/** @throws `ZSPINE_CORRUPT` for what is no directory. */
export function decodeDirectory(bytes: Uint8Array): Map<string, Place> {
  const reader = new ByteReader(bytes);
  const holders = Array.from({ length: reader.count() }, () => holderOf(reader.number(), reader.text()));
  const directory = new Map<string, Place>();
  let name = "";
  for (let left = reader.count(); left > 0; left--) {
    name = name.slice(0, reader.number()) + reader.text();
    const holder = holders[reader.number()];
    if (holder === undefined)
      throw new ZspineError("ZSPINE_CORRUPT", "a directory names a pack that it has not");
    directory.set(name, { holder, offset: reader.number(), length: reader.number() });
  }
  return directory;
}
