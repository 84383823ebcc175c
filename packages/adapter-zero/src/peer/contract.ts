// What zql's operators and zero-cache speak: `Storage` of zql/src/ivm/operator.ts, and `ClientGroupStorage` of
// zqlite/src/database-storage.ts, of rocicorp/mono.

/** What JSON holds. */
export type JSONValue =
  null | string | boolean | number | JSONValue[] | { [name: string]: JSONValue | undefined };

/** What an operator keeps. All of it is read and written at once. */
export interface Storage {
  /** Has a key have a value. */
  set(key: string, value: JSONValue): void;
  /** Gives the value of a key; `def` where it has none. */
  get(key: string, def?: JSONValue): JSONValue | undefined;
  /** Gives keys with their values, in the order of their code points: those that begin with `prefix`, or all. */
  scan(options?: { prefix: string }): Iterable<[string, JSONValue]>;
  /** Has a key have no value. */
  del(key: string): void;
}

/** What the operators of a client group keep. */
export interface ClientGroupStorage {
  /** Makes the storage of the next operator. */
  createStorage(): Storage;
  /** Drops all that operators of the group have kept. */
  destroy(): void;
}
