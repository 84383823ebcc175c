import { Probe, Slot } from "@zspine/core/engine";
import { Traffic } from "../../src/tier/traffic.ts";

/** What is reached from something. */
export interface Reached {
  readonly things: ReadonlySet<object>;
  /** The memory behind all arrays, each once. */
  readonly buffers: ReadonlySet<ArrayBufferLike>;
}

/**
 * Reaches everything from a root through fields, maps, sets and lists, but for what is not a store's: a backend, and
 * what every store of the schema shares. The few bytes of the probe of a trace are left out.
 */
export function reach(root: object): Reached {
  const things = new Set<object>();
  const buffers = new Set<ArrayBufferLike>();
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const thing = waiting.pop();
    if (typeof thing !== "object" || thing === null || things.has(thing)) continue;
    if (thing instanceof Probe || "createHead" in thing || "fingerprint" in thing || "schedule" in thing)
      continue;
    things.add(thing);
    if (ArrayBuffer.isView(thing)) buffers.add(thing.buffer);
    else if (thing instanceof Map) waiting.push(...thing.keys(), ...thing.values());
    else if (thing instanceof Set) waiting.push(...thing);
    // Not asked for its fields, for one that is mixed would move slots.
    else for (const { value } of Object.values(Object.getOwnPropertyDescriptors(thing))) waiting.push(value);
  }
  return { things, buffers };
}

/** Counts the memory behind arrays, each once, that none of `before` has; adds it to them. */
function bytesOf(arrays: Iterable<ArrayBufferView>, before: Set<ArrayBufferLike>): number {
  let bytes = 0;
  for (const { buffer } of arrays) {
    if (before.has(buffer)) continue;
    before.add(buffer);
    bytes += buffer.byteLength;
  }
  return bytes;
}

function arraysIn(root: object | undefined): ArrayBufferView[] {
  return root === undefined ? [] : [...reach(root).things].filter((thing) => ArrayBuffer.isView(thing));
}

/** Counts anew, by what is reached, what a ledger says of a store in which no merge is in progress. */
export function recount({ things }: Reached): {
  readonly unwritten: number;
  readonly cached: number;
  readonly fences: number;
  readonly filters: number;
  readonly storedSlots: number;
  /** Bytes that were asked of the backend. */
  readonly reading: number;
} {
  const slots = [...things].filter((thing) => thing instanceof Slot);
  const stored = slots.filter(({ home }) => home !== undefined);
  const seen = new Set<ArrayBufferLike>();
  const partsOf = (some: readonly Slot[]): ArrayBufferView[] =>
    some.flatMap(({ part, packed }) => [...arraysIn(part), ...arraysIn(packed)]);
  const unwritten = bytesOf(partsOf(slots.filter(({ home }) => home === undefined)), seen);
  const cached = bytesOf(partsOf(stored), seen);
  const fences = bytesOf(
    stored.flatMap(({ lowerPart, upperPart }) => [...arraysIn(lowerPart), ...arraysIn(upperPart)]),
    seen,
  );
  const traffic = [...things].find((thing) => thing instanceof Traffic);
  const reading = Number(traffic && Reflect.get(traffic, "readingBytes"));
  const words = [...things].flatMap((thing) => ("words" in thing ? [thing.words as Uint32Array] : []));
  return { unwritten, cached, fences, filters: bytesOf(words, seen), storedSlots: stored.length, reading };
}
