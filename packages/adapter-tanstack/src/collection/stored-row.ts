import { nullable, TEXT, tupleOf } from "@zspine/core/engine";
import type { SchemaOf } from "@zspine/core";

/** What a temporal trace of a collection has by: `row` and the key of a row, or `metadata` and that of the collection's. */
export type StoredKey = readonly [kind: "row" | "metadata", key: string];

/** The text of a row's value, and of its metadata, if it has some; of the collection's metadata, the value alone. */
export type StoredValue = readonly [value: string, metadata: string | null];

/** The schemas of both. Keys come by kind, and those of a kind in the order of their texts. */
export const STORED_ROWS: { readonly key: SchemaOf<StoredKey>; readonly value: SchemaOf<StoredValue> } = {
  key: tupleOf(TEXT, TEXT) as unknown as SchemaOf<StoredKey>,
  value: tupleOf(TEXT, nullable(TEXT)) as unknown as SchemaOf<StoredValue>,
};
