import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter, type Line } from "../../src/stream/line-splitter.ts";

const BEGINNING = { lines: 0, offset: 0 };

/** Splits pieces, and tells each line as `number end fault text`. */
function linesOf(
  pieces: readonly (Uint8Array | string)[],
  longest = 1e9,
  from = BEGINNING,
  isThere = false,
): string[] {
  const splitter = new LineSplitter(from, isThere, longest);
  const lines: Line[] = [];
  for (const piece of pieces) lines.push(...splitter.split(piece));
  lines.push(...splitter.end());
  return lines.map(({ number, end, fault, text }) => `${number} ${end} ${fault ?? "-"} ${text ?? ""}`);
}

/** The same, the slow way. */
function expectedOf(bytes: Uint8Array, longest: number): string[] {
  const lines: string[] = [];
  let from = 0;
  while (from < bytes.length) {
    const at = bytes.indexOf(10, from);
    const to = at < 0 ? bytes.length : at;
    const end = at < 0 ? to : to + 1;
    const number = lines.length + 1;
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(from, to));
      lines.push(to - from > longest ? `${number} ${end} too long ` : `${number} ${end} - ${text}`);
    } catch {
      lines.push(`${number} ${end} ${to - from > longest ? "too long" : "not UTF-8"} `);
    }
    from = end;
  }
  return lines;
}

const unit = fc.oneof(
  fc.constantFrom(10, 10, 13, 97, 98, 0xc3, 0xa9, 0xff),
  fc.integer({ min: 0, max: 255 }),
);
const text = fc
  .array(fc.constantFrom("\n", "\n", "a", "é", "😀"), { maxLength: 20 })
  .map((units) => units.join(""));
const bytes = fc.oneof(
  fc.array(unit, { maxLength: 30 }).map((units) => Uint8Array.from(units)),
  text.map((some) => new TextEncoder().encode(some)),
);

function cut<T extends Uint8Array | string>(whole: T, places: readonly number[]): T[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  return ends.map((end, at) => whole.slice(at === 0 ? 0 : ends[at - 1], end) as T);
}

describe("LineSplitter", () => {
  it("gives the lines of bytes, wherever they are cut, bad ones and long ones told", () => {
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.nat(30), { maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        (whole, places, longest) => {
          expect(linesOf(cut(whole, places), longest)).toEqual(expectedOf(whole, longest));
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
  });

  it("gives the lines of text as those of bytes, and goes on from any of them", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(30), { maxLength: 4 }), fc.nat(20), (whole, places, at) => {
        const all = linesOf([new TextEncoder().encode(whole)]);
        const ofText = linesOf(cut(whole, places));
        const shown = (line: string): string => line.replace(/^(\d+) \d+/, "$1");
        expect(ofText.map(shown)).toEqual(all.map(shown));
        const number = Math.min(at, ofText.length);
        const offset = number === 0 ? 0 : Number(ofText[number - 1]!.split(" ")[1]);
        const from = { lines: number, offset };
        expect(linesOf(cut(whole, places), 1e9, from)).toEqual(ofText.slice(number));
        expect(linesOf([whole.slice(offset)], 1e9, from, true)).toEqual(ofText.slice(number));
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it("gives lines that reach across what is decoded at once, and one that is not UTF-8 between them", () => {
    const line = `${"x".repeat(999)}\n`;
    const whole = new TextEncoder().encode(line.repeat(3000));
    whole[1_500_500] = 0xff;
    expect(linesOf([whole])).toEqual(expectedOf(whole, 1e9));
  });
});
