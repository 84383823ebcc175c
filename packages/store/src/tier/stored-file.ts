/** Values of the backend that are needed together: what keeps them from being removed. */
export class StoredFile {
  readonly values: readonly string[];
  /** How many bytes each of them has. */
  readonly valueBytes: readonly number[];
  /** How many need it; counted by the keeper of its store. A field and no map, for every snapshot passes here. */
  holders = 0;

  constructor(values: readonly string[], valueBytes: readonly number[]) {
    this.values = values;
    this.valueBytes = valueBytes;
  }
}
