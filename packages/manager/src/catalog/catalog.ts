import { ZspineError, type BackendOpener, type Environment } from "@zspine/core";
import { openStore, type Metadata, type Store } from "@zspine/store";
import type { Residence } from "../mode/mode.ts";
import { Turns } from "../turns/turns.ts";

/** Where a backend of a type keeps something: a name below the manager's location, used once and never again. */
export interface Place {
  readonly backend: string;
  readonly place: string;
}

/** A store that lies in a backend. */
export type Entry = Residence & Place;

/**
 * What is remembered of the stores, as the metadata of the catalog's commits.
 *
 * | field | |
 * |---|---|
 * | `version` | 1 |
 * | `serial` | how many places there have been |
 * | `stores` | the entries by name; not those in memory |
 * | `unused` | places that hold what no store is: half a copy, or what one was moved away from |
 */
export interface CatalogState {
  readonly version: 1;
  readonly serial: number;
  readonly stores: Readonly<Record<string, Entry>>;
  readonly unused: readonly Place[];
}

const NEW: CatalogState = { version: 1, serial: 0, stores: {}, unused: [] };

/**
 * The names of stores and where they lie: a store without traces, whose commits each carry the whole state. So a change
 * has happened or has not, whatever ends the process, and its lock keeps a second manager out.
 */
export class Catalog {
  private readonly opener: BackendOpener;
  private readonly environment: Environment | undefined;
  private readonly turns = new Turns();
  private store: Store | undefined;
  private state: CatalogState = NEW;

  constructor(opener: BackendOpener, environment: Environment | undefined) {
    this.opener = opener;
    this.environment = environment;
  }

  /** Gives the state as it is in the medium; it is looked up there where that is not known. */
  async read(): Promise<CatalogState> {
    return this.turns.take("", () => this.current());
  }

  /**
   * Changes the state. Resolves when the change is certain; `ZSPINE_IO` that is not determinate tells that the medium did
   * not answer whether it was done, which {@link Catalog.read} finds out once it does.
   */
  async edit(change: (state: CatalogState) => Partial<CatalogState>): Promise<void> {
    await this.turns.take("", async () => {
      const state = await this.current();
      const next: CatalogState = { ...state, ...change(state) };
      try {
        await this.store!.commit({ metadata: next });
        this.state = next;
      } catch (error) {
        await this.look(error);
        if (JSON.stringify(this.state) !== JSON.stringify(next)) throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.turns.settled();
    await this.store?.close();
  }

  /** Opens the catalog anew after a failure. @throws (rejects with) `ZSPINE_IO`, not determinate, where that fails. */
  private async look(cause: unknown): Promise<void> {
    await this.store?.close().catch(() => undefined);
    this.store = undefined;
    try {
      await this.current();
    } catch {
      const message =
        "the catalog could not be written, nor read to find out what became of it; it is read again at the next call";
      throw new ZspineError("ZSPINE_IO", message, { cause, determinate: false });
    }
  }

  private async current(): Promise<CatalogState> {
    if (this.store !== undefined) return this.state;
    const { opener: backend, environment } = this;
    const store = await openStore({ backend, environment, cacheBytes: 0 });
    try {
      this.state = stateIn(store.metadata, store.stats().head);
    } catch (error) {
      await store.close();
      throw error;
    }
    this.store = store;
    return this.state;
  }
}

/** @throws `ZSPINE_FORMAT` for what is no catalog, or one of a newer version. */
function stateIn(metadata: Metadata, head: number): CatalogState {
  if (head === 0) return NEW;
  const found = metadata as unknown as Partial<CatalogState>;
  if (found.version === 1 && found.stores !== undefined) return found as CatalogState;
  throw new ZspineError(
    "ZSPINE_FORMAT",
    "what lies at the place of the catalog is a store of another kind, or of a newer version of @zspine/manager; " +
      "choose another location, or update it",
  );
}
