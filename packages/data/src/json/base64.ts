const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES: Int8Array = new Int8Array(128).fill(-1);
for (let i = 0; i < LETTERS.length; i++) VALUES[LETTERS.charCodeAt(i)] = i;
/** Units of text that are made at once: so many are arguments of one call. */
const UNITS_AT_ONCE = 4096;

/** Writes bytes as base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  let units: number[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const three = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    units.push(LETTERS.charCodeAt(three >> 18), LETTERS.charCodeAt((three >> 12) & 63));
    units.push(left > 1 ? LETTERS.charCodeAt((three >> 6) & 63) : PADDING);
    units.push(left > 2 ? LETTERS.charCodeAt(three & 63) : PADDING);
    if (units.length < UNITS_AT_ONCE) continue;
    text += String.fromCharCode.apply(null, units);
    units = [];
  }
  return text + String.fromCharCode.apply(null, units);
}

const PADDING = "=".charCodeAt(0);

/** Reads base64 with padding; `undefined` for any other text, also where bits are left over that are not 0. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const end = text.length - padding;
  let to = 0;
  let held = 0;
  let bits = 0;
  for (let at = 0; at < end; at++) {
    const unit = text.charCodeAt(at);
    const value = unit < 128 ? VALUES[unit]! : -1;
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to++] = (held >> bits) & 255;
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
