import { isPrimitive, valueText } from "./value-text.ts";

/** Keys, each once as far as that can be told; in the order in which they came. One of an unknown class counts as itself. */
export class KeySet<K> {
  private readonly primitives = new Set<K>();
  private readonly objects = new Map<unknown, K>();

  get size(): number {
    return this.primitives.size + this.objects.size;
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

  clear(): void {
    this.primitives.clear();
    this.objects.clear();
  }

  [Symbol.iterator](): Iterator<K> {
    return [...this.primitives, ...this.objects.values()][Symbol.iterator]();
  }
}
