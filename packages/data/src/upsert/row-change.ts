/** What has become of the row of a key. */
export type RowChangeKind = "inserted" | "replaced" | "removed" | "unchanged" | "absent";

/** What has become of the row of one key. */
export interface RowChange<V> {
  /** `unchanged`: it was that value already; `absent`: there was none, and is none. */
  readonly kind: RowChangeKind;
  /** The value that was there; `undefined` where there was none, and where there were several, the first. */
  readonly before: V | undefined;
  /** The value that is there now; `undefined` where there is none. */
  readonly after: V | undefined;
}

/** What has become of the rows of many keys: how many of each kind. */
export type RowChangeCounts = Readonly<Record<RowChangeKind, number>>;
