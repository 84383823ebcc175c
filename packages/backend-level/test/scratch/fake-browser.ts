import { vi } from "vitest";
import type { ByteLevel, Database, Operation } from "../../src/database/database.ts";
import type { KeyRange } from "../../src/key/key.ts";

/** A database of the fake: who has it open, and what is in it. */
interface FakeDatabase {
  readonly entries: Map<string, Uint8Array>;
  handles: number;
}

/**
 * What the browser's medium uses of a browser, in memory: databases by name, as browser-level names them, and locks that
 * a tab which is killed lets go of.
 */
export class FakeBrowser {
  readonly databases = new Map<string, FakeDatabase>();
  readonly #locks = new Map<string, () => void>();

  /** Puts it in the place of the globals of a browser. */
  install(options: { readonly tellsDatabases: boolean }): void {
    vi.stubGlobal("navigator", { locks: { request: this.#request } });
    const databases = async () => Array.from(this.databases.keys(), (name) => ({ name, version: 1 }));
    vi.stubGlobal("indexedDB", {
      deleteDatabase: this.#deleteDatabase,
      ...(options.tellsDatabases && { databases }),
    });
  }

  /** Ends all that holds a database, as the death of its tabs does. */
  kill(): void {
    for (const database of this.databases.values()) database.handles = 0;
    for (const release of this.#locks.values()) release();
    this.#locks.clear();
  }

  /** The names that are there. */
  get names(): string[] {
    return [...this.databases.keys()].sort();
  }

  /** As `openLevel`. */
  readonly openLevel = async (name: string): Promise<ByteLevel> => {
    const full = `level-js-${name}`;
    const database = this.databases.get(full) ?? { entries: new Map<string, Uint8Array>(), handles: 0 };
    this.databases.set(full, database);
    database.handles++;
    const close = async (): Promise<void> => void database.handles--;
    const db = { objectStoreNames: { contains: () => true }, transaction: () => undefined };
    return { database, db, close } as unknown as ByteLevel;
  };

  /** As `databaseOf`. */
  readonly databaseOf = (level: ByteLevel): Database => {
    const { database, close } = level as unknown as { database: FakeDatabase; close(): Promise<void> };
    const { entries } = database;
    const within = ({ from, isFromIncluded, to }: KeyRange): string[] =>
      [...entries.keys()].filter((key) => (isFromIncluded ? key >= from : key > from) && key < to).sort();
    return {
      get: async (key) => entries.get(key),
      getSync: (key) => entries.get(key),
      async batch(operations: readonly Operation[]) {
        for (const op of operations) {
          if (op.type === "put") entries.set(op.key, op.value.slice());
          else entries.delete(op.key);
        }
      },
      keys: async (range, limit) => within(range).slice(0, limit),
      async last(range) {
        const key = within(range).at(-1);
        return key === undefined ? undefined : { key, value: entries.get(key)! };
      },
      close,
    };
  };

  readonly #request = async (
    name: string,
    _options: object,
    hold: (lock: object | null) => Promise<void> | undefined,
  ): Promise<void> => {
    if (this.#locks.has(name)) return hold(null);
    const killed = new Promise<void>((release) => this.#locks.set(name, release));
    await Promise.race([hold({ name }), killed]);
    this.#locks.delete(name);
  };

  readonly #deleteDatabase = (name: string): EventTarget => {
    const request = new EventTarget();
    queueMicrotask(() => {
      const isBlocked = (this.databases.get(name)?.handles ?? 0) > 0;
      if (!isBlocked) this.databases.delete(name);
      request.dispatchEvent(new Event(isBlocked ? "blocked" : "success"));
    });
    return request;
  };
}
