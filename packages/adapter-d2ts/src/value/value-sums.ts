import { quote, ZspineError } from "@zspine/core";
import { addWeights } from "@zspine/core/engine";
import { isPrimitive, valueText } from "./value-text.ts";

/** Adds up the weights of equal values that zspine has read, in the order in which they first come. */
export class ValueSums<V> {
  /** By themselves, and of objects by their text, which a value that is a text itself might equal. */
  private readonly primitives = new Map<unknown, [V, number]>();
  private readonly objects = new Map<string, [V, number]>();
  private readonly all: [V, number][] = [];

  /** @throws `ZSPINE_NOT_SUPPORTED` for a value that cannot be told from others; `ZSPINE_WEIGHT_RANGE`. */
  add(value: V, weight: number): void {
    const found = this.entryOf(value);
    found[1] = addWeights(found[1], weight);
  }

  /** Gives the values whose weights do not come to 0. */
  rows(): [V, number][] {
    return this.all.filter(([, weight]) => weight !== 0);
  }

  private entryOf(value: V): [V, number] {
    const map: Map<unknown, [V, number]> = isPrimitive(value) ? this.primitives : this.objects;
    const name = isPrimitive(value) ? value : textOf(value);
    const found = map.get(name);
    if (found !== undefined) return found;
    const entry: [V, number] = [value, 0];
    map.set(name, entry);
    this.all.push(entry);
    return entry;
  }
}

function textOf(value: unknown): string {
  const text = valueText(value);
  if (text !== undefined) return text;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `the adapter of d2ts cannot tell ${quote(value)} from others of its class; keep plain objects, arrays, dates, bytes, Maps and Sets`,
  );
}
