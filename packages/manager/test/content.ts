import type { Store, Trace } from "@zspine/store";
import { z } from "zod";

const SCHEMAS = { key: z.int32(), value: z.string() };

export type Rows = Trace<number, string>;

/** Opens a trace of numbered texts. */
export function rowsOf(store: Store, name = "rows"): Promise<Rows> {
  return store.trace(name, { ...SCHEMAS, create: true });
}

/** All rows of the traces of that kind, as text, with the metadata. */
export async function contentOf(store: Store, names: readonly string[] = ["rows"]): Promise<string> {
  const lines: string[] = [JSON.stringify(store.metadata)];
  for (const name of names) {
    const trace = await rowsOf(store, name);
    for await (const { key, value, weight } of trace.rows()) lines.push(`${name} ${key} ${value} ${weight}`);
  }
  return lines.join("\n");
}

/** Inserts rows `from` to `to` and commits them with the metadata `{ to }`. */
export async function fill(store: Store, from: number, to: number, name = "rows"): Promise<void> {
  const trace = await rowsOf(store, name);
  for (let key = from; key < to; key++) trace.insert(key, `row ${key}`, 1 + (key % 3));
  await store.commit({ metadata: { to } });
}
