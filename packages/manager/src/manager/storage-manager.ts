import { checkOptions, requireOptions, throwIfAborted, ZspineError, type OptionKind } from "@zspine/core";
import { hybrid, type Budget } from "@zspine/backend-hybrid";
import { openStore, type SpillOptions, type Store } from "@zspine/store";
import { Catalog, type Entry, type Place } from "../catalog/catalog.ts";
import { KeptMedium } from "../medium/kept.ts";
import { checkName, MEMORY, modeOf, modesOver, residenceOf, unknownStore, type Mode } from "../mode/mode.ts";
import { counted, withPlacement } from "../placement/counted.ts";
import { moved, Places } from "../places/places.ts";
import { Turns } from "../turns/turns.ts";
import {
  checkManagerOptions,
  MAINTAIN,
  SWITCH,
  type CheckedManagerOptions,
  type CreateOptions,
  type MaintainOptions,
  type StorageManagerOptions,
  type SwitchOptions,
} from "./manager-options.ts";
import { mergeSome } from "./merge-some.ts";
import { Watch } from "./watch.ts";

/** A store of a manager, and its mode. */
export interface StoreListing {
  readonly name: string;
  readonly mode: Mode;
}

/** What the state of a store takes, counted and not estimated. */
export interface StateSize {
  readonly mode: Mode;
  /** All that is in memory: rows, indexes, filters, what merges work in; in the mode `memory` its committed bytes too. */
  readonly memoryBytes: number;
  /** Rows in memory alone; in memory and in the backend; in the backend alone, as they would take in memory. */
  readonly hotBytes: number;
  readonly warmBytes: number;
  readonly coldBytes: number;
  /** Bytes of the values in the backend. */
  readonly storedBytes: number;
}

/** How far maintenance has come. */
export interface MaintenanceReport {
  /** Whether nothing was left to do. */
  readonly isDone: boolean;
  /** Merges in progress, of the stores that were come to. */
  readonly mergesInProgress: number;
  /** Places that hold what no store is, and could not be removed yet. */
  readonly unusedPlaces: number;
  /** Stores whose merging failed, and by what; the others were gone on with. */
  readonly failures: readonly { readonly name: string; readonly error: unknown }[];
}

/** Bytes of rows that a store in a backend keeps in memory, where the budget does not decide it. */
const CACHE_BYTES: number = 64 * 2 ** 20;
const SLICES = 16;
// Which names there are depends on the backends: see `residenceOf`.
const MODE: OptionKind = { expected: "the name of a mode", accepts: () => true };

/**
 * Opens what a manager remembers at its location, its catalog; stores are opened when they are asked for.
 *
 * ```ts
 * await using manager = await createStorageManager({ budget: { bytes: 64 * 2 ** 20 } });
 * const orders = await manager.create("orders", { mode: "memory" });
 * ```
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS` with the path; `ZSPINE_LOCKED` while another manager has the location;
 *   `ZSPINE_FORMAT` when what is there was made by another backend than the first; what that backend fails with.
 */
export async function createStorageManager(options: StorageManagerOptions = {}): Promise<StorageManager> {
  const checked = checkManagerOptions(options);
  const [first] = checked.types;
  const opener = first === undefined ? new KeptMedium() : checked.opener(first, "catalog");
  const catalog = new Catalog(opener, checked.store.environment);
  await catalog.read();
  const places = new Places(catalog, checked.opener);
  // What a killed process has left is in nobody's way, and is tried again.
  await places.sweep().catch(() => undefined);
  return new StorageManager(checked, catalog, places);
}

/**
 * Stores by name, each in a mode, which share one budget of memory. Use `createStorageManager()`, and `close()` when
 * done, or declare it with `await using`.
 *
 * Calls of one name are answered one after the other. Names, modes and what is committed in stores that lie in a backend
 * are found again by the next manager of the location; stores in memory go with the manager. One that is in doubt, or
 * cannot be opened, is refused alone. After `close` every method rejects with `ZSPINE_CLOSED`.
 */
export class StorageManager implements AsyncDisposable {
  /** The budget that the stores share. */
  readonly budget: Budget;
  /** The modes that a store may have here. */
  readonly modes: readonly Mode[];
  private readonly options: CheckedManagerOptions;
  private readonly catalog: Catalog;
  private readonly places: Places;
  private readonly turns = new Turns();
  private readonly open = new Map<string, Store>();
  /** The stores in memory. Of a name that is in the catalog too, the catalog is right. */
  private readonly inMemory = new Map<string, Entry>();
  /** The store that maintenance has come to last. */
  private maintained = "";
  private closing: Promise<void> | undefined;

  /** Use `createStorageManager()`. */
  constructor(options: CheckedManagerOptions, catalog: Catalog, places: Places) {
    this.options = options;
    this.catalog = catalog;
    this.places = places;
    this.budget = options.budget;
    this.modes = modesOver(options.types);
  }

  /** Lists the stores, by name. @throws (rejects with) what the catalog cannot be read for. */
  async list(): Promise<StoreListing[]> {
    this.guard();
    const { stores } = await this.catalog.read();
    const entries = new Map([...this.inMemory, ...Object.entries(stores)]);
    const listed = [...entries].map(([name, entry]) => ({ name, mode: this.modeOf(entry) }));
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Makes a store and opens it.
   *
   * @throws (rejects with) `ZSPINE_CONFLICT` when there is one of the name; `ZSPINE_INVALID_OPTIONS` for a name or mode that
   *   cannot be; what the backend fails with, and then there is none.
   */
  async create(name: string, given: CreateOptions): Promise<Store> {
    checkName(name, "create");
    const { mode } = requireOptions(given, "create", { mode: MODE });
    const residence = residenceOf(mode, this.options.types, ["create", "mode"]);
    return this.turn(name, async () => {
      if ((await this.find(name)) !== undefined) throw nameTaken(name);
      const to = { ...residence, ...(await this.places.reserve(residence.backend, name)) };
      let store: Store | undefined;
      try {
        store = await this.openAt(to);
        await this.remember(name, undefined, to);
      } catch (error) {
        await store?.close().catch(ignore);
        await this.tidy(name, [to]);
        throw error;
      }
      this.open.set(name, store);
      await this.tidy(name, []);
      return store;
    });
  }

  /**
   * Gives a store, the same one each time while it is open. It is opened where it is not, and anew where an error inside
   * has left it in doubt.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`, and what opening it fails with.
   */
  async get(name: string): Promise<Store> {
    checkName(name, "get");
    return this.turn(name, () => this.opened(name));
  }

  /**
   * Closes a store and removes it with everything in it. What cannot be removed from its place at once is no store any
   * more, and is removed later.
   *
   * @throws (rejects with) `ZSPINE_UNKNOWN_NAME`; what the catalog cannot be written for.
   */
  async delete(name: string): Promise<void> {
    checkName(name, "delete");
    await this.turn(name, async () => {
      const from = await this.found(name);
      // It is open until the catalog is written.
      this.places.hold(from);
      await this.remember(name, from, undefined);
      await this.closeOne(name).catch(ignore);
      await this.tidy(name, [from]);
    });
  }

  /**
   * Moves a store to another mode and gives it, opened anew: the handles of before are closed, and so are those of its
   * traces and readers. To or from `hybrid` over the same backend nothing is copied; else all that is committed is, and
   * checked on the way, while the store may be read as before. In the copy commits are numbered from 1.
   *
   * Where it rejects, or the process ends in the middle, the store is as it was before, or, if the error is not
   * determinate, as it was to be; in any case whole. Handles are still good then, unless they tell `ZSPINE_CLOSED`.
   *
   * @throws (rejects with) `ZSPINE_CONFLICT` when rows are not committed, or something is committed meanwhile;
   *   `ZSPINE_UNKNOWN_NAME`, `ZSPINE_INVALID_OPTIONS`, `ZSPINE_ABORTED`, `ZSPINE_CORRUPT`; what either backend fails with.
   */
  async switchMode(name: string, mode: Mode, given: SwitchOptions = {}): Promise<Store> {
    checkName(name, "switchMode");
    const residence = residenceOf(mode, this.options.types, ["switchMode", "mode"]);
    const options = checkOptions(given, "switchMode", SWITCH);
    return this.turn(name, async () => {
      throwIfAborted(options.signal, "switchMode");
      const from = await this.found(name);
      const store = await this.opened(name);
      const isCopied = from.backend !== residence.backend;
      if (!isCopied && from.isHybrid === residence.isHybrid) return store;
      const watch = new Watch(name, store);
      let to: Entry = { ...from, ...residence };
      try {
        watch.checkRows();
        if (isCopied) {
          to = { ...to, ...(await this.places.reserve(residence.backend, name)) };
          if (store.stats().head > 0) await store.backup(this.places.openerOf(to), options);
        }
        throwIfAborted(options.signal, "switchMode");
        watch.checkRows();
        watch.checkCommits();
        // From here on nothing is let in; what was under way before is noticed.
        await this.closeOne(name);
        watch.checkCommits();
        await this.remember(name, from, to);
      } finally {
        watch.end();
        await this.tidy(name, [from, to]);
      }
      try {
        return await this.opened(name);
      } catch (cause) {
        const message = `the store "${name}" was moved to ${mode}, but could not be opened there; get("${name}") tries again`;
        throw new ZspineError("ZSPINE_IO", message, { cause, determinate: false });
      }
    });
  }

  /**
   * Has rows of a store leave memory for its backend now, the coldest first: all that can, or about `bytes`. Resolves to the
   * bytes of memory that they have left. In the mode `memory` they are left as encoded bytes.
   *
   * @throws (rejects with) as {@link StorageManager.get}, and what spilling fails with.
   */
  async forceSpill(name: string, options: SpillOptions = {}): Promise<number> {
    checkName(name, "forceSpill");
    return this.turn(name, async () => (await this.opened(name)).spill(options));
  }

  /** Tells what the state of a store takes. @throws (rejects with) as {@link StorageManager.get}. */
  async stateSize(name: string): Promise<StateSize> {
    checkName(name, "stateSize");
    return this.turn(name, async () => {
      const entry = await this.found(name);
      const { memory, placement, storedBytes } = (await this.opened(name)).stats();
      const { hotBytes, warmBytes, coldBytes } = placement!;
      const memoryBytes = memory.total + this.places.memoryBytesOf(entry);
      return { mode: this.modeOf(entry), memoryBytes, hotBytes, warmBytes, coldBytes, storedBytes };
    });
  }

  /**
   * Does a bounded amount of what is due, to be called by an engine between its steps: waits for some slices of merging, of
   * the open stores in turn, and removes one place that no store has any more. What is due is also done in the background;
   * who calls this keeps it from falling behind.
   *
   * @throws (rejects with) `ZSPINE_ABORTED`, `ZSPINE_INVALID_OPTIONS`; what a store or a place fails with is reported.
   */
  async maintain(given: MaintainOptions = {}): Promise<MaintenanceReport> {
    this.guard();
    const { slices = SLICES, signal } = checkOptions(given, "maintain", MAINTAIN);
    throwIfAborted(signal, "maintain");
    const names = [...this.open.keys()].sort();
    const next = names.findIndex((name) => name > this.maintained);
    const failures: { name: string; error: unknown }[] = [];
    let left = slices;
    let mergesInProgress = 0;
    let isDone = true;
    for (const name of next < 0 ? names : [...names.slice(next), ...names.slice(0, next)]) {
      if (left <= 0) isDone = false;
      const store = this.open.get(name);
      if (left <= 0 || store === undefined || !isUsable(store)) continue;
      this.maintained = name;
      try {
        const done = await mergeSome(store, left, signal);
        left -= done.slicesUsed;
        mergesInProgress += done.mergesInProgress;
      } catch (error) {
        throwIfAborted(signal, "maintain");
        // One that was moved meanwhile has nothing to be done any more.
        if (this.open.get(name) === store) failures.push({ name, error });
      }
    }
    const unusedPlaces = await this.places.sweep(1).catch(() => 1);
    isDone &&= mergesInProgress + unusedPlaces + failures.length === 0;
    return { isDone, mergesInProgress, unusedPlaces, failures };
  }

  /**
   * Closes all stores and the catalog, after what is under way; rows that no commit has taken, and stores in memory, are
   * gone then. Idempotent.
   *
   * @throws (rejects with) the first of what closing fails with; everything is closed all the same.
   */
  async close(): Promise<void> {
    this.closing ??= this.closeNow();
    await this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async closeNow(): Promise<void> {
    await this.turns.settled();
    const ends = await Promise.allSettled([...this.open.keys()].map((name) => this.closeOne(name)));
    ends.push(...(await Promise.allSettled([this.catalog.close()])));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  private guard(): void {
    if (this.closing === undefined) return;
    throw new ZspineError(
      "ZSPINE_CLOSED",
      "the manager is closed; make one again with createStorageManager()",
    );
  }

  private async turn<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.guard();
    return this.turns.take(name, async () => {
      this.guard();
      return work();
    });
  }

  private modeOf(entry: Entry): Mode {
    return modeOf(entry, this.options.types);
  }

  private async find(name: string): Promise<Entry | undefined> {
    const { stores } = await this.catalog.read();
    return Object.hasOwn(stores, name) ? stores[name] : this.inMemory.get(name);
  }

  /** @throws (rejects with) `ZSPINE_UNKNOWN_NAME`. */
  private async found(name: string): Promise<Entry> {
    const entry = await this.find(name);
    if (entry !== undefined) return entry;
    const known = await this.list();
    throw unknownStore(
      name,
      known.map((one) => one.name),
    );
  }

  /** Has the catalog say that a store lies at `to`, where it lay at `from`; those in memory are not in it. */
  private async remember(name: string, from: Entry | undefined, to: Entry | undefined): Promise<void> {
    const stored = to?.backend === MEMORY ? undefined : to;
    // Before the catalog is written, for then this is all that knows it.
    if (to?.backend === MEMORY) this.inMemory.set(name, to);
    if (stored !== undefined || (from !== undefined && from.backend !== MEMORY))
      await this.catalog.edit((state) => moved(state, name, stored));
    if (to?.backend !== MEMORY) this.inMemory.delete(name);
  }

  /**
   * Takes back those of some places at which a store does not lie, and removes what lies there. Where the catalog does not
   * answer they stay, for then nobody knows at which of them it lies.
   */
  private async tidy(name: string, places: readonly Place[]): Promise<void> {
    try {
      const entry = await this.find(name);
      if (entry?.backend !== MEMORY) this.inMemory.delete(name);
      for (const one of places) if (one.place !== entry?.place) this.places.letGo(one);
      await this.places.sweep();
    } catch {
      // The next sweep does it.
    }
  }

  private async opened(name: string): Promise<Store> {
    const open = this.open.get(name);
    if (open !== undefined && isUsable(open)) return open;
    const entry = await this.found(name);
    await this.closeOne(name).catch(ignore);
    const store = await this.openAt(entry);
    this.open.set(name, store);
    return store;
  }

  private async openAt(entry: Entry): Promise<Store> {
    const { budget, options, places } = this;
    const place = places.openerOf(entry);
    if (entry.isHybrid) return openStore({ ...options.store, backend: hybrid({ cold: place, budget }) });
    const backend = withPlacement(
      place,
      counted(budget, () => places.memoryBytesOf(entry)),
    );
    const cacheBytes = entry.backend === MEMORY ? undefined : CACHE_BYTES;
    return openStore({ cacheBytes, ...options.store, backend });
  }

  private async closeOne(name: string): Promise<void> {
    const store = this.open.get(name);
    this.open.delete(name);
    await store?.close();
  }
}

/** Whether a store was neither closed nor is in doubt. */
function isUsable(store: Store): boolean {
  try {
    store.has("any");
    return true;
  } catch {
    return false;
  }
}

function nameTaken(name: string): ZspineError {
  const advice = `get("${name}") opens it, and delete("${name}") removes it`;
  return new ZspineError("ZSPINE_CONFLICT", `there is a store "${name}" already; ${advice}`);
}

function ignore(): void {
  // What was wrong with a store that is left behind is nothing to its successor.
}
