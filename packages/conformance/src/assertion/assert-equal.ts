import { canonicalText } from "../reference/canonical-text.ts";
import { assert } from "./assertion.ts";

/** Asserts that two values are equal by content, whatever objects they are in. */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const found = canonicalText(actual);
  const wanted = canonicalText(expected);
  assert(found === wanted, `${what}: expected ${excerpt(wanted, found)}, found ${excerpt(found, wanted)}`);
}

const CONTEXT = 160;

/** Cuts out of a long text where it begins to differ from another. */
function excerpt(text: string, other: string): string {
  if (text.length <= CONTEXT * 2) return text;
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - CONTEXT / 2);
  return `${from > 0 ? "…" : ""}${text.slice(from, from + CONTEXT)}…`;
}
