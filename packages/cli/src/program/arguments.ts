import { InvalidArgumentError } from "commander";

// What commands are given, read of texts. What cannot be read is told by commander, with the name of the option.

/** Reads a time: a whole number, negative too. */
export function timeOf(text: string): number {
  const time = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(time)) return time;
  throw new InvalidArgumentError("Expected a time, which is a whole number within ±(2^53 − 1).");
}

/** Reads how many there may be, from `least` on. */
export function countOf(least: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count;
    throw new InvalidArgumentError(`Expected a whole number, ${least} at the least.`);
  };
}

/** Reads names of columns, separated by commas. */
export function namesOf(text: string): readonly string[] {
  const names = text.split(",");
  if (names.every((name) => name !== "") && new Set(names).size === names.length) return names;
  throw new InvalidArgumentError("Expected names of columns with commas between, each once: id,day.");
}

/** Reads what separates cells: one character, or the word `tab`. */
export function delimiterOf(text: string): string {
  if (text === "tab" || text === "\\t") return "\t";
  if (text.length === 1 && !/["\r\n]/.test(text)) return text;
  throw new InvalidArgumentError("Expected one character, such as ; or the word tab.");
}

/** Reads the number of a port. */
export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("Expected a port, 0 to 65535.");
}
