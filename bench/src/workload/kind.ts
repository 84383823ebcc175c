/**
 * What rows are made of. `int`, `text`: some rows equal others, one weight in eight is −1. `ids`, `objects`: every row
 * is distinct and has weight 1, so that a store that cannot add weights holds them too.
 *
 * | kind      | key                        | value                                              |
 * | --------- | -------------------------- | -------------------------------------------------- |
 * | `int`     | `int32`                    | `int32`, few to a key                              |
 * | `text`    | text such as `user-00001234` | `int32`, few to a key                              |
 * | `ids`     | `int32`                    | `int32`, of every row another                      |
 * | `objects` | text such as `user-00001234` | `{ id, name, amount }`, of every row another `id` |
 */
export type Kind = "int" | "text" | "ids" | "objects";

/** A key of any kind. */
export type Key = number | string;

/** A value of kind `objects`. */
export interface ObjectValue {
  readonly id: number;
  readonly name: string;
  readonly amount: number;
}

/** A value of any kind. */
export type Value = number | ObjectValue;

/** Bytes of a text key. */
export const TEXT_BYTES = 13;

/** Tells whether keys are texts. */
export function hasTextKeys(kind: Kind): boolean {
  return kind === "text" || kind === "objects";
}

/** Tells whether no row equals another. */
export function isDistinct(kind: Kind): boolean {
  return kind === "ids" || kind === "objects";
}

/** The text key of a number below 10⁸. */
export function textOf(number: number): string {
  return `user-${String(number).padStart(8, "0")}`;
}

/** The key of a number. */
export function keyOf(kind: Kind, number: number): Key {
  return hasTextKeys(kind) ? textOf(number) : number;
}

/** The number that a key was made of. */
export function numberOf(key: Key): number {
  return typeof key === "number" ? key : Number(key.slice(5));
}

/** The value of a number. */
export function valueOf(kind: Kind, number: number): Value {
  return kind === "objects" ? objectOf(number) : number;
}

/** The object of a number. */
export function objectOf(id: number): ObjectValue {
  return { id, name: `name-${id % 1000}`, amount: (Math.imul(id, 7919) >>> 0) % 100_000 };
}

/** What a sum adds for an object, so that each of its fields has been read. */
export function wordOfObject({ id, name, amount }: ObjectValue): number {
  return id + name.length + amount;
}

/** What a sum adds for a value. */
export function wordOf(value: Value): number {
  return typeof value === "number" ? value : wordOfObject(value);
}
