import { refused, text } from "@zspine/core";
import type { Store, Trace } from "@zspine/store";
import type { ClientGroupStorage, Storage } from "../peer/contract.ts";
import { OperatorStorage } from "./operator-storage.ts";
import { ENTRIES, StoredEntries, type EntryKey } from "./stored-entries.ts";

/**
 * What operators of Zero keep, in one trace of a store: in the place of `DatabaseStorage` on a server, and of what a client's
 * delegate gives out. It reads and writes at once, as Zero does, so the backend has to as well: memory, files, LevelDB, or a
 * budget over these; else `ZSPINE_NOT_RESIDENT`. Nothing lasts but by the store's `commit`.
 */
export class ZeroStorage {
  private readonly entries: StoredEntries;

  /** Use `openZeroStorage()`. */
  constructor(trace: Trace<EntryKey, string>) {
    this.entries = new StoredEntries(trace);
  }

  /**
   * Makes the storage of a client group: empty, whatever there was under its id, as Zero has it. Its operators are numbered in
   * the order in which they are made.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for what is no id; `ZSPINE_CLOSED`.
   */
  createClientGroupStorage(clientGroupID: string): ClientGroupStorage {
    const owner = `${GROUP}${checkName("clientGroupID", clientGroupID)}`;
    const { entries } = this;
    entries.drop(owner);
    let next = 1;
    return {
      createStorage: () => new OperatorStorage(entries, owner, next++),
      destroy: () => {
        entries.drop(owner);
      },
    };
  }

  /**
   * Gives the storage of a name, with what it had: for a client's `createStorage(name)`, or operators that are to go on after a
   * restart.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for what is no name.
   */
  createStorage(name: string): Storage {
    return new OperatorStorage(this.entries, `${NAMED}${checkName("name", name)}`, 0);
  }

  /** Drops all that the storage of a name has. */
  dropStorage(name: string): void {
    this.entries.drop(`${NAMED}${checkName("name", name)}`);
  }
}

/**
 * Opens the storage of Zero's operators in a store: the trace `zero storage`, or of another name. Where there is none it is
 * created.
 *
 * ```ts
 * const storage = await openZeroStorage(store);
 * const group = storage.createClientGroupStorage("group 1");
 * const take = group.createStorage(); // of one operator
 * ```
 *
 * @throws (rejects with) as `store.trace()`.
 */
export async function openZeroStorage(store: Store, name = "zero storage"): Promise<ZeroStorage> {
  const trace = await store.trace(name, { ...ENTRIES, create: true });
  return new ZeroStorage(trace as unknown as Trace<EntryKey, string>);
}

// What owners begin with, so that a group and a name are two.
const GROUP = "g ";
const NAMED = "n ";

const NAME = text("a name");

function checkName(what: string, name: string): string {
  if (NAME.accepts(name)) return name;
  throw refused([what], NAME.expected, name);
}
