import type { BackendOpener } from "@zspine/core";
import type { Catalog, CatalogState, Entry, Place } from "../catalog/catalog.ts";
import { KeptMedium } from "../medium/kept.ts";
import { MEMORY } from "../mode/mode.ts";
import { Turns } from "../turns/turns.ts";

type OpenerOf = (type: string, place: string) => BackendOpener;

/**
 * Gives out places, and removes what lies in those that are no store's. A place of a backend is named in the catalog, as
 * unused, before anything is written to it; so whatever ends the process, what it leaves behind is known to the next.
 */
export class Places {
  private readonly catalog: Catalog;
  private readonly located: OpenerOf;
  private readonly turns = new Turns();
  /** Places that this process has given out and not got back: not to be removed, whatever was read of them before. */
  private readonly busy = new Set<string>();
  /** Those in memory. */
  private readonly kept = new Map<string, KeptMedium>();
  private keptSerial = 0;

  constructor(catalog: Catalog, located: OpenerOf) {
    this.catalog = catalog;
    this.located = located;
  }

  /** Gives out a new place of a backend, or in memory. */
  async reserve(backend: string, name: string): Promise<Place> {
    if (backend === MEMORY) {
      const place = `${MEMORY}-${++this.keptSerial}`;
      this.kept.set(place, new KeptMedium());
      return { backend, place };
    }
    let place = "";
    await this.catalog.edit(({ serial, unused }) => {
      place = `${serial + 1}-${name}`;
      this.busy.add(place);
      return { serial: serial + 1, unused: [...unused, { backend, place }] };
    });
    return { backend, place };
  }

  openerOf({ backend, place }: Place): BackendOpener {
    return this.kept.get(place) ?? this.located(backend, place);
  }

  /** Bytes of memory that lie in a place. */
  memoryBytesOf({ place }: Place): number {
    return this.kept.get(place)?.bytes ?? 0;
  }

  /** Keeps a place from being removed until it is let go of. */
  hold({ place }: Place): void {
    this.busy.add(place);
  }

  /** Takes a place back; what lies there, if it is no store's, is removed by the next sweep. */
  letGo({ place }: Place): void {
    this.busy.delete(place);
    this.kept.delete(place);
  }

  /**
   * Removes what lies in unused places, at most so many. What cannot be removed stays known, and is tried again. Resolves to
   * how many are left.
   */
  async sweep(most: number = Infinity): Promise<number> {
    return this.turns.take("", async () => {
      const { unused } = await this.catalog.read();
      const due = unused.filter(({ place }) => !this.busy.has(place));
      const removed = new Set<string>();
      for (const one of due.slice(0, most)) {
        try {
          await this.located(one.backend, one.place).drop();
          removed.add(one.place);
        } catch {
          // It is no store's, so nobody misses it.
        }
      }
      const isLeft = ({ place }: Place): boolean => !removed.has(place);
      if (removed.size > 0) await this.catalog.edit((state) => ({ unused: state.unused.filter(isLeft) }));
      return due.filter(isLeft).length;
    });
  }
}

/** What changes in a catalog when `name` comes to lie at `to`, or in none of its backends any more. */
export function moved(
  { stores, unused }: CatalogState,
  name: string,
  to: Entry | undefined,
): Partial<CatalogState> {
  const from = Object.hasOwn(stores, name) ? stores[name] : undefined;
  const others = Object.entries(stores).filter(([other]) => other !== name);
  const free = unused.filter(({ place }) => place !== to?.place);
  if (from !== undefined && from.place !== to?.place) free.push({ backend: from.backend, place: from.place });
  return { stores: Object.fromEntries(to === undefined ? others : [...others, [name, to]]), unused: free };
}
