import { isUtf8 } from "node:buffer";
import { FailedError } from "../console/failure.ts";

const NEWLINE = 10;

/**
 * Passes the bytes of a text on as they come. UTF-16 that begins with its mark is passed on as it is.
 *
 * @throws (rejects with) `FailedError` with the line of the first bytes that are not UTF-8, which would become others.
 */
export async function* utf8Pieces(
  input: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let line = 1;
  let isUtf16: boolean | undefined;
  /** The beginning of a character that goes on in the next piece. */
  let begun: Uint8Array = new Uint8Array(0);
  for await (const piece of input) {
    isUtf16 ??= piece[0] === 0xff && piece[1] === 0xfe;
    if (!isUtf16) {
      const bytes = begun.length === 0 ? piece : Buffer.concat([begun, piece]);
      const end = bytes.length - begunAtEnd(bytes);
      const whole = bytes.subarray(0, end);
      if (!isUtf8(whole)) throw notUtf8(name, line + linesBefore(whole));
      for (let at = whole.indexOf(NEWLINE); at >= 0; at = whole.indexOf(NEWLINE, at + 1)) line++;
      begun = bytes.slice(end);
    }
    yield piece;
  }
  if (begun.length > 0) throw notUtf8(name, line);
}

/** How many bytes at an end are the beginning of a character. */
function begunAtEnd(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length : 0;
  }
  return 0;
}

/** How many lines are before that which is not UTF-8. */
function linesBefore(bytes: Uint8Array): number {
  let lines = 0;
  for (let from = 0; ; lines++) {
    const end = bytes.indexOf(NEWLINE, from);
    if (end < 0 || !isUtf8(bytes.subarray(from, end))) return lines;
    from = end + 1;
  }
}

function notUtf8(name: string, line: number): FailedError {
  return new FailedError(
    `${name}, line ${line} is not UTF-8; write the file in that first, as by: iconv -f WINDOWS-1252 -t UTF-8`,
  );
}
