import { refused, text } from "@zspine/core";
import type { CommittedTx } from "../peer/contract.ts";
import { encodeRowKey } from "../value/row-key.ts";

const ID = text("a name");

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no name of a collection. */
export function checkCollectionId(id: unknown): asserts id is string {
  if (!ID.accepts(id)) throw refused(["collectionId"], ID.expected, id);
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no transaction, with the path. */
export function checkTx(tx: CommittedTx): void {
  if (typeof tx !== "object" || tx === null) throw refused(["tx"], "a transaction", tx);
  if (typeof tx.txId !== "string") throw refused(["tx", "txId"], "a text", tx.txId);
  for (const name of ["term", "seq", "rowVersion"] as const)
    if (!Number.isSafeInteger(tx[name]) || tx[name] < 0)
      throw refused(["tx", name], "a whole number, 0 or more", tx[name]);
  if (!Array.isArray(tx.mutations)) throw refused(["tx", "mutations"], "an array", tx.mutations);
  for (const [at, mutation] of tx.mutations.entries()) checkMutation(mutation, ["tx", "mutations", at]);
  for (const [at, mutation] of listOf(tx, "rowMetadataMutations").entries()) {
    checkKind(mutation, ["set", "delete"], ["tx", "rowMetadataMutations", at]);
    encodeRowKey(mutation.key as string);
  }
  for (const [at, mutation] of listOf(tx, "collectionMetadataMutations").entries()) {
    const path = ["tx", "collectionMetadataMutations", at];
    checkKind(mutation, ["set", "delete"], path);
    if (typeof mutation.key !== "string") throw refused([...path, "key"], "a text", mutation.key);
  }
}

function checkMutation(mutation: CommittedTx["mutations"][number], path: readonly PropertyKey[]): void {
  checkKind(mutation, ["insert", "update", "delete"], path);
  encodeRowKey(mutation.key);
  if (mutation.type === "delete") return;
  if (typeof mutation.value !== "object" || mutation.value === null || Array.isArray(mutation.value))
    throw refused([...path, "value"], "a row, which is an object", mutation.value);
}

function listOf(
  tx: CommittedTx,
  name: "rowMetadataMutations" | "collectionMetadataMutations",
): readonly { readonly type: string; readonly key: unknown }[] {
  const list = tx[name] ?? [];
  if (!Array.isArray(list)) throw refused(["tx", name], "an array", list);
  return list;
}

function checkKind(mutation: unknown, kinds: readonly string[], path: readonly PropertyKey[]): void {
  const { type } = (mutation ?? {}) as { type?: unknown };
  if (!kinds.includes(type as string))
    throw refused([...path, "type"], kinds.map((kind) => JSON.stringify(kind)).join(" or "), type);
}
