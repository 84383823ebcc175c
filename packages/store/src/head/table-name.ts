import type { BlockIdentity } from "../block/identity.ts";

/** Under which the tables of a store lie. */
export const TABLE_PREFIX = "table/";

const NAME = /^table\/([0-9a-f]{8})-([0-9a-z]{1,7})$/;

/** Tells whether a value may be a table. */
export function isTableName(value: string): boolean {
  return NAME.test(value);
}

/** Reads back who wrote a table from its name. */
export function identityOfTable(value: string): BlockIdentity {
  const [, writer, number] = NAME.exec(value)!;
  return { writer: Number.parseInt(writer!, 16), batch: Number.parseInt(number!, 36), number: 0 };
}
