import { checkOptions, refused, ZspineError, type OptionKind } from "@zspine/core";
import type { JSONValue, Storage } from "../peer/contract.ts";
import type { EntryKey, StoredEntries } from "./stored-entries.ts";

/** Zero's `Storage` of one operator. What it gives is new, and what it is given is written as it is at the call. */
export class OperatorStorage implements Storage {
  private readonly entries: StoredEntries;
  private readonly owner: string;
  private readonly operator: number;

  /** Use `openZeroStorage()`. */
  constructor(entries: StoredEntries, owner: string, operator: number) {
    this.entries = entries;
    this.owner = owner;
    this.operator = operator;
  }

  /**
   * Has a key have a value.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for a key that is no text; `ZSPINE_ENCODE` for a value that JSON does not hold. Nothing is
   *   changed then.
   */
  set(key: string, value: JSONValue): void {
    this.entries.set(this.keyOf(key), textOf(value));
  }

  /** Gives the value of a key; `def` where it has none. */
  get(key: string, def?: JSONValue): JSONValue | undefined {
    const text = this.entries.get(this.keyOf(key));
    return text === undefined ? def : (JSON.parse(text) as JSONValue);
  }

  /**
   * Gives keys with their values, in the order of their code points: those that begin with `prefix`, or all. They are as they
   * were when the first was asked for; each enumeration begins anew.
   */
  scan(options?: { prefix: string }): Iterable<[string, JSONValue]> {
    const { prefix = "" } = checkOptions(options ?? {}, "scan", { prefix: TEXT }) as { prefix?: string };
    return { [Symbol.iterator]: () => this.read(prefix) };
  }

  /** Has a key have no value. */
  del(key: string): void {
    this.entries.set(this.keyOf(key), undefined);
  }

  private *read(prefix: string): Generator<[string, JSONValue], void, undefined> {
    for (const [key, text] of this.entries.from(this.owner, this.operator, prefix)) {
      if (!key.startsWith(prefix)) return;
      yield [key, JSON.parse(text) as JSONValue];
    }
  }

  private keyOf(key: string): EntryKey {
    if (typeof key !== "string") throw refused(["key"], TEXT.expected, key);
    return [this.owner, this.operator, key];
  }
}

const TEXT: OptionKind = { expected: "a text", accepts: (value) => typeof value === "string" };

function textOf(value: JSONValue): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value) as string | undefined;
  } catch (error) {
    cause = error;
  }
  if (text !== undefined) return text;
  const message =
    "value: JSON does not hold it; keep null, texts, booleans, numbers, arrays and plain objects; nothing was changed";
  throw new ZspineError("ZSPINE_ENCODE", message, { path: ["value"], cause });
}
