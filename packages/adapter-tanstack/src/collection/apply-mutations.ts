import type { CommittedTx, RowValue } from "../peer/contract.ts";
import { decodeValue, encodeValue } from "../value/json-value.ts";
import { encodeRowKey } from "../value/row-key.ts";
import type { StoredKey, StoredValue } from "./stored-row.ts";

/** A key, and what it has before and after. */
export interface Edit {
  readonly key: StoredKey;
  readonly before: StoredValue | undefined;
  after: StoredValue | undefined;
}

/** Tells which keys a transaction is about, but for those that a truncation takes away. */
export function keysOfTx(tx: CommittedTx): StoredKey[] {
  const keys = new Map<string, StoredKey>();
  const add = (kind: StoredKey[0], key: string): void => void keys.set(kind + key, [kind, key]);
  for (const { key } of tx.mutations) add("row", encodeRowKey(key));
  for (const { key } of tx.rowMetadataMutations ?? []) add("row", encodeRowKey(key));
  for (const { key } of tx.collectionMetadataMutations ?? []) add("metadata", key);
  return [...keys.values()];
}

/**
 * Works out what a transaction makes of what there is, and writes nothing: rows one after the other, then their metadata, then
 * that of the collection. An update is written over the fields of the row; the metadata of one that goes goes with it; of one
 * that is not there none is set.
 *
 * @param edits What there is of all keys that the transaction is about; with a truncation, of all rows.
 * @throws `ZSPINE_ENCODE` for a value that cannot be kept.
 */
export function applyMutations(tx: CommittedTx, edits: ReadonlyMap<string, Edit>): void {
  if (tx.truncate === true)
    for (const edit of edits.values()) if (edit.key[0] === "row") edit.after = undefined;
  const rowOf = (key: string | number): Edit => edits.get(`row${encodeRowKey(key)}`)!;
  for (const mutation of tx.mutations) {
    const edit = rowOf(mutation.key);
    if (mutation.type === "delete") {
      edit.after = undefined;
      continue;
    }
    const [value, metadata] = edit.after ?? [undefined, null];
    const isUpdate = mutation.type === "update" && value !== undefined;
    const whole = isUpdate ? { ...(decodeValue(value) as RowValue), ...mutation.value } : mutation.value;
    const isNew = mutation.metadataChanged === true;
    edit.after = [encodeValue(whole), isNew ? metadataText(mutation.metadata) : metadata];
  }
  for (const mutation of tx.rowMetadataMutations ?? []) {
    const edit = rowOf(mutation.key);
    if (edit.after !== undefined)
      edit.after = [edit.after[0], mutation.type === "set" ? metadataText(mutation.value) : null];
  }
  for (const mutation of tx.collectionMetadataMutations ?? [])
    edits.get(`metadata${mutation.key}`)!.after =
      mutation.type === "set" ? [encodeValue(mutation.value), null] : undefined;
}

function metadataText(metadata: unknown): string | null {
  return metadata === undefined || metadata === null ? null : encodeValue(metadata);
}
