import type { IndexedZSet } from "@zspine/core";
import type { ChangesAt } from "@zspine/temporal";
import type { PulledChanges, RowKey, RowValue, TxDelta } from "../peer/contract.ts";
import { decodeValue } from "../value/json-value.ts";
import { decodeRowKey } from "../value/row-key.ts";
import type { StoredKey, StoredValue } from "./stored-row.ts";
import type { AppliedTx } from "./transaction-log.ts";

/** What there is to tell of. */
export interface ChangedRows {
  /** What has changed between two versions in all. */
  readonly net: IndexedZSet<StoredKey, StoredValue>;
  /** The same by version. */
  readonly byTime: readonly ChangesAt<StoredKey, StoredValue>[];
  /** The transactions. */
  readonly applied: readonly AppliedTx[];
  readonly from: number;
  readonly latestRowVersion: number;
}

/** Tells what has changed as TanStack DB asks for it. */
export function pulledChanges({ net, byTime, applied, from, latestRowVersion }: ChangedRows): PulledChanges {
  const changedKeys: RowKey[] = [];
  const deletedKeys: RowKey[] = [];
  for (const { key, after } of changesOf(net)) {
    if (key[0] !== "row") continue;
    (after === undefined ? deletedKeys : changedKeys).push(decodeRowKey(key[1]));
  }
  const rowsOf = new Map(byTime.map(({ time, rows }) => [time, rows]));
  const deltas = applied
    .filter(({ value: [version] }) => version > from && version <= latestRowVersion)
    .sort((a, b) => a.value[0] - b.value[0])
    .map(({ value: [version, txId] }) => deltaOf(txId, version, rowsOf.get(version)));
  return { latestRowVersion, requiresFullReload: false, changedKeys, deletedKeys, deltas };
}

function deltaOf(
  txId: string,
  latestRowVersion: number,
  rows: IndexedZSet<StoredKey, StoredValue> | undefined,
): TxDelta {
  const delta: TxDelta = {
    txId,
    latestRowVersion,
    changedRows: [],
    deletedKeys: [],
    rowMetadataMutations: [],
    collectionMetadataMutations: [],
  };
  for (const { key, before, after } of rows === undefined ? [] : changesOf(rows)) {
    if (key[0] === "row") addRow(delta, decodeRowKey(key[1]), before, after);
    else
      delta.collectionMetadataMutations.push(
        after === undefined
          ? { type: "delete", key: key[1] }
          : { type: "set", key: key[1], value: decodeValue(after[0]) },
      );
  }
  return delta;
}

function addRow(
  delta: TxDelta,
  key: RowKey,
  before: StoredValue | undefined,
  after: StoredValue | undefined,
): void {
  if (after === undefined) {
    delta.deletedKeys.push(key);
    return;
  }
  const [value, metadata] = after;
  if (value !== before?.[0]) delta.changedRows.push({ key, value: decodeValue(value) as RowValue });
  if (metadata === (before?.[1] ?? null)) return;
  delta.rowMetadataMutations.push(
    metadata === null ? { type: "delete", key } : { type: "set", key, value: decodeValue(metadata) },
  );
}

interface KeyChange {
  readonly key: StoredKey;
  before: StoredValue | undefined;
  after: StoredValue | undefined;
}

/** Pairs what a key had and has; each key of a collection has one value at the most. */
function changesOf(rows: IndexedZSet<StoredKey, StoredValue>): KeyChange[] {
  const changes: KeyChange[] = [];
  for (const { key, value, weight } of rows) {
    let last = changes.at(-1);
    if (last === undefined || last.key[1] !== key[1] || last.key[0] !== key[0])
      changes.push((last = { key, before: undefined, after: undefined }));
    if (weight < 0) last.before = value;
    else last.after = value;
  }
  return changes;
}
