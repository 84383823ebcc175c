import type { SchemaOf } from "@zspine/core";
import { INTEGER, TEXT } from "@zspine/core/engine";
import type { Store, Trace } from "@zspine/store";

const NAME = "tanstack collections";
const SCHEMAS = { key: TEXT, value: INTEGER } as { key: SchemaOf<string>; value: SchemaOf<number> };

/** A row that is inserted, or taken out with weight −1. */
interface RegistryChange {
  readonly key: string;
  readonly value: number;
  readonly weight: number;
}

/** The collections of a store, each with the version of its schema. */
export class Registry {
  private readonly trace: Trace<string, number>;

  private constructor(trace: Trace<string, number>) {
    this.trace = trace;
  }

  static async open(store: Store): Promise<Registry> {
    return new Registry(await store.trace(NAME, { ...SCHEMAS, create: true }));
  }

  /** The version of a collection's schema; `undefined` before it was told. */
  async versionOf(id: string): Promise<number | undefined> {
    return (await this.trace.get(id))[0]?.value;
  }

  /** Tells what changes when a collection has another version. */
  async changesFor(id: string, schemaVersion: number): Promise<RegistryChange[]> {
    const before = await this.versionOf(id);
    if (before === schemaVersion) return [];
    const changes = [{ key: id, value: schemaVersion, weight: 1 }];
    return before === undefined ? changes : [...changes, { key: id, value: before, weight: -1 }];
  }

  insert(changes: readonly RegistryChange[]): void {
    this.trace.insertAll(changes);
  }
}
