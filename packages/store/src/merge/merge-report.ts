/** A merge that has come to its end. */
export interface MergeReport {
  /** How many batches it read. */
  readonly inputs: number;
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Bytes that it has written to the backend: 0 in memory. */
  readonly bytes: number;
}
