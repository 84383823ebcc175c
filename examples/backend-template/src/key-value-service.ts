/**
 * What the backend asks of a service: bytes by key, whole or not at all, durable once a call has resolved. Put your client
 * behind it; a call that fails rejects with whatever it has.
 */
export interface KeyValueService {
  /** Resolves to the bytes of a key; `undefined` when there are none. */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing for a key that is not there. */
  delete(key: string): Promise<void>;
  /** Resolves to all keys that begin with `prefix`, in any order. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Takes a lock that one client has at a time; resolves to what gives it back, or `undefined` when another has it. */
  lock(key: string): Promise<(() => Promise<void>) | undefined>;
}
