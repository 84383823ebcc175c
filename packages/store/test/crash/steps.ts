import { SeededRandom } from "@zspine/conformance";
import type { Store, Trace } from "@zspine/store";
import { z } from "zod";

// What a program commits that is killed, and what must be there then. Both follow from a seed and from the number
// of steps, which each commit has as its metadata: the model asks the store for nothing else.

const order = z.object({ customer: z.string(), total: z.number() });

type Order = z.infer<typeof order>;

interface OrderRow {
  readonly key: number;
  readonly value: Order;
  readonly weight: number;
}

interface NoteRow {
  readonly key: string;
  readonly value: Uint8Array;
  readonly weight: number;
}

/** What one step inserts, in two traces. */
export interface Step {
  readonly orders: readonly OrderRow[];
  readonly notes: readonly NoteRow[];
}

const KEYS = 400;
/** Every so many steps comes one with many rows, of several blocks. */
const BULK_EVERY = 12;
const BULK_ROWS = 1500;
const ROWS_MAX = 40;
/** After so many steps most of what a step has inserted is retracted. */
const KEPT_STEPS = 5;

/** The rows of a step, numbered from 1: what is new in it, and what it retracts of an earlier one. */
export function rowsOf(seed: number, step: number): Step {
  const now = newRows(seed, step);
  if (step <= KEPT_STEPS) return now;
  const before = newRows(seed, step - KEPT_STEPS);
  // One row in eight stays, so that a store grows, and slowly.
  const isGone = (_row: unknown, at: number): boolean => at % 8 !== 0;
  const negate = <R extends { readonly weight: number }>(row: R): R => ({ ...row, weight: -row.weight });
  return {
    orders: [...now.orders, ...before.orders.filter(isGone).map(negate)],
    notes: [...now.notes, ...before.notes.filter(isGone).map(negate)],
  };
}

function newRows(seed: number, step: number): Step {
  const random = new SeededRandom(seed + Math.imul(step, 0x9e3779b9));
  const count = step % BULK_EVERY === 0 ? BULK_ROWS : random.int(1, ROWS_MAX);
  const orders = Array.from({ length: count }, (_, at) => ({
    key: random.int(0, KEYS - 1),
    value: { customer: `customer ${random.int(0, 9999)}`, total: at / 4 },
    weight: random.int(1, 3),
  }));
  const notes = Array.from({ length: random.int(0, 3) }, (_, at) => ({
    key: `step ${step} note ${at}`,
    value: random.bytes(random.int(0, 300)),
    weight: 1,
  }));
  return { orders, notes };
}

/** The traces that steps are inserted into. */
export interface Traces {
  readonly orders: Trace<number, Order>;
  readonly notes: Trace<string, Uint8Array>;
}

export async function openTraces(store: Store): Promise<Traces> {
  return {
    orders: await store.trace("orders", { key: z.int32(), value: order }),
    notes: await store.trace("notes", { key: z.string(), value: z.instanceof(Uint8Array) }),
  };
}

/** Inserts the rows of a step. */
export function insertStep({ orders, notes }: Traces, { orders: ofOrders, notes: ofNotes }: Step): void {
  orders.insertAll(ofOrders);
  notes.insertAll(ofNotes);
}

/** Tells where the rows of the traces differ from those that `steps` steps come to. */
export async function findDifferences(
  { orders, notes }: Traces,
  seed: number,
  steps: number,
): Promise<string[]> {
  const weights = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    const sum = (weights.get(text) ?? 0) + weight;
    if (sum === 0) weights.delete(text);
    else weights.set(text, sum);
  };
  const addOrder = ({ key, value, weight }: OrderRow, sign: number): void =>
    add(`order ${key} ${value.customer} ${value.total}`, sign * weight);
  const addNote = ({ key, value, weight }: NoteRow, sign: number): void =>
    add(`note ${key} ${Buffer.from(value).toString("hex")}`, sign * weight);
  for (let step = 1; step <= steps; step++) {
    const rows = rowsOf(seed, step);
    for (const row of rows.orders) addOrder(row, 1);
    for (const row of rows.notes) addNote(row, 1);
  }
  for await (const row of orders.rows()) addOrder(row, -1);
  for await (const row of notes.rows()) addNote(row, -1);
  return Array.from(
    weights,
    ([row, weight]) => `${weight > 0 ? "missing" : "too many"}: ${row.slice(0, 80)}`,
  );
}
