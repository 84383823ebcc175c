import type { Change } from "./shard.ts";

const NAMES = [
  "ann",
  "bob",
  "cyd",
  "dee",
  "eve",
  "fay",
  "gus",
  "hal",
  "ida",
  "jan",
  "kim",
  "lea",
  "max",
  "ned",
  "ola",
  "pia",
];
const MORE = ["quin", "ray", "sue", "tom", "una", "vic", "wim", "xia", "yan", "zoe"];
const ALL = [...NAMES, ...MORE];
const ROWS = 12;
/** After so many steps half of the rows of one are taken back. */
const AGE = 5;

/** What is ordered in a step, and what is taken back: always the same, as a log that is kept elsewhere would have it. */
export function stepOf(time: number): Change[] {
  const back = time < AGE ? [] : ordered(time - AGE).filter(({ value }) => value % 2 === 0);
  // Of every seventh step there are none: time goes on nevertheless.
  return [...(time % 7 === 6 ? [] : ordered(time)), ...back.map((row) => ({ ...row, weight: -1 }))];
}

function ordered(time: number): Change[] {
  if (time % 7 === 6) return [];
  return Array.from({ length: ROWS }, (_, at) => {
    const drawn = Math.imul(time * ROWS + at + 1, 0x9e3779b1) >>> 0;
    return { key: `${ALL[drawn % ALL.length]!}-${(drawn >>> 8) % 9}`, value: time * 100 + at, weight: 1 };
  });
}
