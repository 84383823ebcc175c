import type { Placement } from "../placement/placement.ts";

/** What a backend can do: declared as data, read by the store, the suites and the documents alike. */
export interface Capabilities {
  /** Whether what was written survives the end of the process. */
  readonly durable: boolean;
  /** Whether {@link Backend.getSync} is there. */
  readonly syncReads: boolean;
  /** Whether several processes may hold one location at a time. */
  readonly shared: boolean;
  /** The largest value it takes, in bytes. */
  readonly maxValueBytes: number;
  /** The size of value that it handles best, in bytes: what it is given is cut into values of about this size. */
  readonly preferredValueBytes: number;
  /** Set when it was opened to be read only: every write is refused, `ZSPINE_NOT_SUPPORTED` and determinate. */
  readonly readOnly?: true | undefined;
  /** Whether {@link Backend.create} is there, and others than the writer may open it as {@link OpenOptions.guest}. */
  readonly guests?: boolean | undefined;
  /** The names of what {@link Backend.statistics} counts, ascending; missing where that is not there. */
  readonly statistics?: readonly string[] | undefined;
  /** Set when it was opened as a guest: heads are refused, `ZSPINE_NOT_SUPPORTED` and determinate. */
  readonly guest?: true | undefined;
}

/** A part of a value: `length` bytes from `offset`. One that does not lie within the value is `ZSPINE_CORRUPT`. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** One operation of a write. Values are immutable: a name is put at most once, until it is removed. */
export type WriteOp =
  | { readonly type: "put"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly type: "remove"; readonly name: string };

/** How a read is to be done. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether what a cache has of a value will do, by default false. Said by who knows that the name is never given to other
   * bytes, and does not ask whether the value is still there. Backends without a cache take no notice of it.
   */
  readonly cacheable?: boolean | undefined;
}

/** How a write is to be done. */
export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * `sync` (the default): acknowledged means that it, and all that was written before it, survives power loss.
   * `relaxed`: a killed process.
   */
  readonly durability?: "sync" | "relaxed" | undefined;
}

/** A head as it is stored: the number under which it was created, and its bytes. */
export interface StoredHead {
  readonly number: number;
  readonly bytes: Uint8Array;
  /**
   * The number of the newest head that is known to have been there, when that is more than `number`: heads
   * have been lost, and the next number is one above this. Only told of the newest.
   */
  readonly newest?: number | undefined;
  /**
   * The number of the newest head that was created `sync`, when that is less than `number`; 0 when none was: those
   * after it were created `relaxed`, and a power cut may have taken or torn them, or what they name. Always told of a
   * newest head that was created `relaxed`, and only of the newest.
   */
  readonly synced?: number | undefined;
}

/**
 * Bytes in a medium: the one seam between a store and where it keeps its data. A backend holds immutable
 * **values** by name, and numbered immutable **heads**, of which the newest is the state.
 *
 * Names are relative and `/`-separated; each part is made of `a`–`z`, `0`–`9`, `.`, `_` and `-`, does
 * not begin with a dot, and a name has at most 200 characters; so no name leaves the location. The store
 * above validates, counts and maps errors; a backend trusts what it is given and reports what it meets.
 *
 * **Ownership of buffers.** A backend has taken what it needs of `bytes` when the call has settled; the
 * caller may change them after that, and not before. What `get` returns belongs to the caller; it may be a
 * subclass of `Uint8Array` such as Node's `Buffer`.
 *
 * **Visibility.** A value, and a head, is seen whole or not at all.
 *
 * **Failing.** An operation rejects with a `ZspineError`: `ZSPINE_IO` when the medium failed, with
 * `determinate: true` only when it certainly did nothing; `ZSPINE_CORRUPT` for what cannot be right;
 * `ZSPINE_ABORTED` when the signal fired and nothing was done; `ZSPINE_CLOSED` for a call made after
 * {@link Backend.close}; `ZSPINE_CONFLICT` when the head is there already. The last three are determinate. What is the
 * same for every medium in this, `handleOf` does.
 *
 * **A sync that failed was not one.** After it, a backend tells of a head, by {@link Backend.readHead}, only when a
 * later sync that covers it has succeeded, and rejects until then: what a cache gives back proves nothing. It writes
 * nothing more before it has been opened anew, which writes anew what was not known to be durable. And what can be
 * read once a backend is open is durable.
 */
export interface Backend extends AsyncDisposable {
  /** The name of its kind, as in `{ type: "memory" }`. */
  readonly type: string;
  readonly capabilities: Capabilities;
  /** What of its rows may stay in memory; where it is missing, all that are not written, and `cacheBytes` of the others. */
  readonly placement?: Placement | undefined;

  /** Reads a value, or the given part of it; `undefined` when there is none by that name. */
  get(name: string, range?: ByteRange, options?: ReadOptions): Promise<Uint8Array | undefined>;

  /** Reads at once. There exactly when {@link Capabilities.syncReads}. */
  getSync?(name: string, range?: ByteRange): Uint8Array | undefined;

  /**
   * Puts and removes values, in order. Not atomic: what no head names is of no consequence. Removing a
   * name that is not there does nothing.
   */
  write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void>;

  /**
   * Yields the names of the values that begin with `prefix`, ascending by code unit. Heads are not among
   * them. Names that are there throughout come once; of those put or removed meanwhile, any may.
   */
  list(prefix: string, options?: ReadOptions): AsyncIterable<string>;

  /** Reads the newest head, or the one of the given number; `undefined` when it is not there. */
  readHead(number?: number, options?: ReadOptions): Promise<StoredHead | undefined>;

  /**
   * Creates head `number`, one above the newest (the first is 1), if it is absent: the only commit
   * point. `ops`, in which no name occurs twice, land with it: as one atomic write where the medium can;
   * where it cannot, puts are durable before the head is, and removes are done after, so that a lost race
   * leaves only orphans. The two newest heads are kept, and the newest synced one with all that came after it; older
   * ones may be dropped, and a number is never used again, not even by a writer that was held up for long.
   *
   * @throws `ZSPINE_CONFLICT` when the head exists or is not the next one: another writer was first.
   */
  createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void>;

  /**
   * Creates a value if there is none of that name. There exactly when {@link Capabilities.guests}. Of all who create one
   * name, through whatever handles and processes, one does; when it resolves to true, the value is durable.
   *
   * A name that is created is never put with {@link Backend.write}, and the other way round, while it is there: of both
   * at once nothing is promised. Who has removed it may let it be created again.
   *
   * @returns whether this call did. After a failure that is not determinate it may have: read the value back.
   * @throws (rejects with) as all do; `ZSPINE_INVALID_OPTIONS`, determinate, for what is no name ({@link isValueName}).
   */
  create?(name: string, bytes: Uint8Array, options?: ReadOptions): Promise<boolean>;

  /**
   * Tells what the handle has asked of its medium since it was begun to be opened, such as requests that are paid for: whole
   * numbers that never fall, by the names of {@link Capabilities.statistics}. There exactly when those are declared; also told
   * after {@link Backend.close}. Counts nothing by being called.
   */
  statistics?(): Readonly<Record<string, number>>;

  /**
   * Lets go of the medium. Idempotent; calls made before it come to their end first, except that a listing
   * that nobody reads from is ended.
   */
  close(): Promise<void>;
}

/** How a backend is opened. */
export interface OpenOptions {
  /** Writes nothing to the medium, which may be a read-only one, and creates nothing; by default false. */
  readonly readOnly?: boolean | undefined;
  /**
   * Opens it beside the writer, by default false: for who asks something of the writer, or does work for it, from another
   * process. A guest takes no lock, fences nobody and makes no heads. It reads all that is there, creates and puts values,
   * which are durable when that is acknowledged, whatever durability is asked for, and removes what guests have put and
   * what was created; of what the writer has put it removes nothing. There must be something at the location already. Not
   * together with `readOnly`. Backends without {@link Capabilities.guests} refuse it, `ZSPINE_NOT_SUPPORTED`.
   */
  readonly guest?: boolean | undefined;
}

/** A backend that is still to be opened, as plugins over a location give it: opening may fail, and takes time. */
export interface BackendOpener {
  /** The name of its kind. */
  readonly type: string;

  /**
   * Opens it, creating the location where there is none.
   *
   * @throws (rejects with) `ZSPINE_LOCKED` when another handle holds the location; `ZSPINE_FORMAT` when what
   *   is there was not made by this backend, or by a newer version of it; `ZSPINE_CORRUPT` when it was and is
   *   damaged; `ZSPINE_IO` when the medium fails, or is missing and is to be read only.
   */
  open(options?: OpenOptions): Promise<Backend>;

  /**
   * Removes the location with everything that the backend has put there; does nothing where there is none.
   *
   * @throws (rejects with) as {@link BackendOpener.open}; what others have put there is not touched.
   */
  drop(): Promise<void>;
}

const NAME = /^[a-z0-9_-][a-z0-9._-]*(?:\/[a-z0-9_-][a-z0-9._-]*)*$/;
const LONGEST_NAME = 200;

/** Tells whether `name` may name a value: relative, from the fixed alphabet, within the location. */
export function isValueName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name);
}
