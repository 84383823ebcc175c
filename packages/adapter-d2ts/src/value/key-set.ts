import { isPrimitive, valueText } from "./value-text.ts";

/** Keys, each once as far as that can be told, those that are no objects first. One of an unknown class counts as itself. */
export class KeySet<K> {
  private readonly primitives = new Set<K>();
  private readonly objects = new Map<unknown, K>();

  constructor(keys: Iterable<K> = []) {
    for (const key of keys) this.add(key);
  }

  add(key: K): void {
    if (isPrimitive(key)) this.primitives.add(key);
    else {
      const name = valueText(key) ?? key;
      if (!this.objects.has(name)) this.objects.set(name, key);
    }
  }

  delete(key: K): void {
    if (isPrimitive(key)) this.primitives.delete(key);
    else this.objects.delete(valueText(key) ?? key);
  }

  [Symbol.iterator](): Iterator<K> {
    return [...this.primitives, ...this.objects.values()][Symbol.iterator]();
  }
}
