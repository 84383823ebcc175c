/** What decides where a key belongs: its hash, or itself. */
export type Spread = "hash" | "range";

/**
 * The hash of a key, which is the same everywhere and always: FNV-1a of its UTF-8 bytes in 32 bits, then the finalizer of
 * MurmurHash3, for the high bits decide and FNV's hardly change with the last bytes of a key.
 */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Where a key stands among all, as a text that is compared as keys are. */
export function positionOf(key: string, by: Spread): string {
  return by === "range" ? key : hashOf(key).toString(16).padStart(8, "0");
}

/** Where each of so many shards begins: parts of equal size of all hashes, or of the letters a to z. */
export function boundsOf(by: Spread, shards: number): string[] {
  return Array.from({ length: shards }, (_, at) => {
    if (at === 0) return "";
    if (by === "hash")
      return Math.floor((at * 2 ** 32) / shards)
        .toString(16)
        .padStart(8, "0");
    return String.fromCharCode("a".charCodeAt(0) + Math.floor((at * 26) / shards));
  });
}

const encoder = new TextEncoder();

/** Orders texts as stores do: by their UTF-8 bytes. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [encoder.encode(a), encoder.encode(b)];
  for (let at = 0; at < Math.min(x.length, y.length); at++) if (x[at] !== y[at]) return x[at]! - y[at]!;
  return x.length - y.length;
}
