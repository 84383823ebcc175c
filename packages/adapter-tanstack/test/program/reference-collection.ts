import type { CommittedTx, RowKey, RowValue, TxDelta } from "../../src/index.ts";

interface ReferenceRow {
  readonly key: RowKey;
  readonly value: RowValue;
  readonly metadata: unknown;
}

/** A collection as the peer's documentation has it: maps of rows and metadata, and where it stands. */
export class ReferenceCollection {
  readonly rows = new Map<RowKey, ReferenceRow>();
  readonly metadata = new Map<string, unknown>();
  readonly applied = new Set<string>();
  version = 0;
  term = 0;
  seq = 0;

  copy(): ReferenceCollection {
    const copy = new ReferenceCollection();
    for (const [key, row] of this.rows) copy.rows.set(key, row);
    for (const [key, value] of this.metadata) copy.metadata.set(key, value);
    for (const name of this.applied) copy.applied.add(name);
    return Object.assign(copy, { version: this.version, term: this.term, seq: this.seq });
  }

  apply(tx: CommittedTx): void {
    const name = `${tx.term} ${tx.seq}`;
    if (this.applied.has(name)) return;
    this.applied.add(name);
    this.version = Math.max(this.version + 1, tx.rowVersion);
    if (tx.term > this.term || (tx.term === this.term && tx.seq > this.seq))
      [this.term, this.seq] = [tx.term, tx.seq];
    if (tx.truncate === true) this.rows.clear();
    for (const mutation of tx.mutations) {
      const { key } = mutation;
      const before = this.rows.get(key);
      if (mutation.type === "delete") this.rows.delete(key);
      else {
        const value = mutation.type === "update" ? { ...before?.value, ...mutation.value } : mutation.value;
        const metadata = mutation.metadataChanged === true ? mutation.metadata : before?.metadata;
        this.rows.set(key, { key, value, metadata });
      }
    }
    for (const mutation of tx.rowMetadataMutations ?? []) {
      const row = this.rows.get(mutation.key);
      const metadata = mutation.type === "set" ? mutation.value : undefined;
      if (row !== undefined) this.rows.set(mutation.key, { ...row, metadata });
    }
    for (const mutation of tx.collectionMetadataMutations ?? [])
      if (mutation.type === "set") this.metadata.set(mutation.key, mutation.value);
      else this.metadata.delete(mutation.key);
  }

  /** Does what a reader does with what it is told. */
  replay(delta: TxDelta): void {
    for (const key of delta.deletedKeys) this.rows.delete(key);
    for (const { key, value } of delta.changedRows)
      this.rows.set(key, { key, value, metadata: this.rows.get(key)?.metadata });
    for (const mutation of delta.rowMetadataMutations) {
      const metadata = mutation.type === "set" ? mutation.value : undefined;
      this.rows.set(mutation.key, { ...this.rows.get(mutation.key)!, metadata });
    }
    for (const mutation of delta.collectionMetadataMutations)
      if (mutation.type === "set") this.metadata.set(mutation.key, mutation.value);
      else this.metadata.delete(mutation.key);
    this.version = delta.latestRowVersion;
  }

  /** All that can be seen of it, as one value. */
  get content(): unknown {
    return { rows: sorted(this.rows.values()), metadata: [...this.metadata].sort() };
  }
}

/** Rows in the order of their keys, a text before or after a number as it may be. */
export function sorted(rows: Iterable<{ key: RowKey; value: RowValue; metadata?: unknown }>): unknown[] {
  return [...rows]
    .map(({ key, value, metadata }) => ({ key, value, metadata }))
    .sort((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
}
