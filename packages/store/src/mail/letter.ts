/** What a reader asks of the writer. */
export type Letter =
  | {
      readonly id: string;
      readonly kind: "hold";
      readonly name: string;
      /** The token of the commit; `null` for the newest when it is taken up. */
      readonly at: number | null;
      readonly lease: number;
      readonly maxBytes: number | null;
    }
  | { readonly id: string; readonly kind: "release"; readonly name: string }
  /** For a trace that is not the store's own: what it means is the affair of the trace's kind. */
  | { readonly id: string; readonly kind: "trace"; readonly trace: string; readonly asked: unknown }
  /** Takes back the letter of that id, when it has not been taken up. */
  | { readonly id: string; readonly kind: "withdraw"; readonly of: string };

/** What the writer says to a letter, in a head. */
export interface HeadAnswer {
  readonly id: string;
  /** Why it did not do what was asked; `null` when it did. */
  readonly refused: { readonly code: string; readonly message: string } | null;
}

/** What a head says of the mail of readers: the number of the letter that is taken up next, and the answers to the last. */
export interface HeadMail {
  readonly next: number;
  /** Oldest first, at most {@link ANSWERS_MAX}. */
  readonly answers: readonly HeadAnswer[];
}

/** How many answers a head keeps. Who finds none any more asks again. */
export const ANSWERS_MAX: number = 64;

export function encodeLetter(letter: Letter): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(letter));
}

/** Reads a letter; undefined for what is none, which anybody may have put there. */
export function decodeLetter(bytes: Uint8Array): Letter | undefined {
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof found !== "object" || found === null || !isText(found["id"])) return undefined;
  const { kind, name, at, lease, maxBytes, of, trace, asked } = found;
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  const isKnown =
    (kind === "hold" &&
      isText(name) &&
      (at === null || isCount(at)) &&
      isCount(lease) &&
      (maxBytes === null || isCount(maxBytes))) ||
    (kind === "release" && isText(name)) ||
    (kind === "trace" && isText(trace) && asked !== undefined) ||
    (kind === "withdraw" && isText(of));
  return isKnown ? (found as unknown as Letter) : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 1000;
}
