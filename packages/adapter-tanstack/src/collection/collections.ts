import type { Store } from "@zspine/store";
import { Collection } from "./collection.ts";
import { Registry } from "./registry.ts";

/** The collections of a store, each opened once. What changes them is done one after the other, for it reads before it writes. */
export class Collections {
  private readonly store: Store;
  private readonly historyVersions: number;
  private readonly opened = new Map<string, Promise<Collection>>();
  private registry: Promise<Registry> | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(store: Store, historyVersions: number) {
    this.store = store;
    this.historyVersions = historyVersions;
  }

  /** Opens a collection. */
  async open(id: string): Promise<Collection> {
    let opening = this.opened.get(id);
    if (opening === undefined) {
      opening = this.openAnew(id);
      this.opened.set(id, opening);
      // What failed is tried again by who asks next.
      opening.catch(() => this.opened.delete(id));
    }
    return opening;
  }

  async openRegistry(): Promise<Registry> {
    const { store } = this;
    if (this.registry === undefined) {
      this.registry = Registry.open(store);
      this.registry.catch(() => (this.registry = undefined));
    }
    return this.registry;
  }

  /** Does something when all before it is done. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async openAnew(id: string): Promise<Collection> {
    const { store, historyVersions } = this;
    return Collection.open({ store, id, historyVersions, registry: await this.openRegistry() });
  }
}
