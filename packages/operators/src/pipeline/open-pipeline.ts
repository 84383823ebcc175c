import {
  checkOptions,
  FUNCTION,
  isZspineError,
  refused,
  ZspineError,
  type Infer,
  type SchemaOf,
} from "@zspine/core";
import { ANY, isPlain } from "@zspine/core/engine";
import type { Store } from "@zspine/store";
import { serializerOf } from "@zspine/store/trace-kind";
import { inputNode, type Node, type Wiring } from "../node/node.ts";
import type { Delta, Time } from "../operator/operator.ts";
import { planPipeline } from "../wiring/plan.ts";
import { NO_STEP, NO_WIRING, PipelineRecord, type StoredStep, type StoredWiring } from "../wiring/record.ts";
import { Stream } from "../wiring/stream.ts";
import { Filling } from "./fill.ts";
import { Pipeline } from "./pipeline.ts";
import type { Inputs, Outputs } from "./step.ts";
import type { AnyTrace } from "./state-reader.ts";
import { openTraces } from "./traces.ts";

/** The streams of inputs. */
export type InputStreams<I extends Inputs> = {
  readonly [Name in keyof I]: Stream<Infer<I[Name]["key"]>, Infer<I[Name]["value"]>>;
};

/** What a pipeline is: a value, which may be opened over any store. */
export interface PipelineOptions<I extends Inputs, O extends Outputs, T extends Time = Time> {
  /** By which the store knows it; "pipeline" by default. Where a store has several, each has its own. */
  readonly name?: string | undefined;
  /** Schemas of the inputs by name; the names are those of their traces. One that is there becomes an input as it is. */
  readonly inputs: I;
  /** The schema of the time of its steps, numbers or texts: for `delay()`. */
  readonly time?: SchemaOf<T> | undefined;
  /** Wires operators: gives the outputs by name, of the streams of the inputs. The names are those of their traces. */
  readonly outputs: (inputs: InputStreams<I>) => O;
}

const KINDS = { name: ANY, inputs: ANY, time: ANY, outputs: FUNCTION };
const DEFAULT_NAME = "pipeline";

/** What is known of the pipelines of a store in this process. */
interface Open {
  /** Those that are open, or being opened, by name. */
  readonly pipelines: Map<string, Pipeline<Inputs, Outputs> | "opening">;
  /** Where it is not known whether a filling was committed: the traces that went with it. */
  unsettled: readonly string[] | undefined;
}

const stores = new WeakMap<Store, Open>();

/**
 * Opens a pipeline over a store: as it was left, after its last committed step.
 *
 * ```ts
 * const sales = await pipeline(store, {
 *   inputs: { orders: { key: Customer, value: Cents }, customers: { key: Customer, value: City } },
 *   outputs: ({ orders, customers }) => ({
 *     totals: orders
 *       .join(customers, { key: City, value: Cents }, (_customer, cents, city) => ({ key: city, value: cents }))
 *       .aggregate(Cents, sum((cents) => cents)),
 *   }),
 * });
 * await sales.step({ orders: [{ key: "ann", value: 12 }] }, { metadata: { offset: 1 } });
 * ```
 *
 * Operators, and what they keep, are told apart by what they do, with the text of their functions (see {@link Versioned}),
 * and by their inputs. Where the pipeline is another than the one that was left, what is the same goes on, what is new is
 * filled from what it is made of, and what is gone is dropped, in one commit before this resolves. An output that has
 * changed is given the difference. Filling takes memory for the rows that it makes, and for those it makes them of. The
 * trace of an input that is gone is dropped as well, unless it was there before the pipeline.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS` for a name that is there twice, as in a cycle, and a stream of another
 *   pipeline; `ZSPINE_SCHEMA` for an input or output whose columns are not what they were; `ZSPINE_CONFLICT` for a trace that
 *   is another's, and while the pipeline is being opened or makes a step; as `store.trace()` and `store.commit()`. Nothing is
 *   changed then.
 */
export async function pipeline<const I extends Inputs, O extends Outputs, T extends Time = Time>(
  store: Store,
  options: PipelineOptions<I, O, T>,
): Promise<Pipeline<I, O, T>> {
  const serializer = serializerOf(store);
  const { name = DEFAULT_NAME, inputs, time, outputs } = checkOptions(options, "pipeline", KINDS);
  const wired = wire(inputs, outputs as (inputs: never) => Outputs, { serializer, time });
  // Asked first, for it throws when the store is closed, and for what is no name.
  store.has(name);
  const open: Open = stores.get(store) ?? { pipelines: new Map(), unsettled: undefined };
  stores.set(store, open);
  const former = open.pipelines.get(name);
  if (former === "opening") throw opening(name);
  open.pipelines.set(name, "opening");
  try {
    await former?.replace();
    const opened = await openNow<Inputs, Outputs, Time>(store, name, wired, open);
    open.pipelines.set(name, opened);
    return opened as unknown as Pipeline<I, O, T>;
  } catch (error) {
    open.pipelines.delete(name);
    if (former === undefined || open.unsettled !== undefined) throw error;
    former.resume();
    open.pipelines.set(name, former);
    throw error;
  }
}

/** The nodes of a pipeline. */
interface Wired {
  readonly wiring: Wiring;
  readonly inputs: ReadonlyMap<string, Node>;
  readonly outputs: ReadonlyMap<string, Node>;
}

function wire(inputs: unknown, outputs: (inputs: never) => unknown, wiring: Wiring): Wired {
  if (!isPlain(inputs)) throw refused(["pipeline", "inputs"], "schemas by name", inputs, FORM);
  if (typeof outputs !== "function") throw refused(["pipeline", "outputs"], "a function", outputs, FORM);
  const nodes = new Map<string, Node>();
  for (const [name, given] of Object.entries(inputs as Inputs)) {
    const schemas = checkOptions(given, `inputs.${name}`, { key: ANY, value: ANY }, FORM);
    nodes.set(name, inputNode(wiring, name, { key: schemas.key, value: schemas.value }));
  }
  const streams = Object.fromEntries([...nodes].map(([name, node]) => [name, new Stream(node)]));
  const given = outputs(streams as never);
  if (!isPlain(given))
    throw refused(["pipeline", "outputs"], "streams by name, of the function", given, FORM);
  const found = new Map<string, Node>();
  for (const [name, stream] of Object.entries(given as Record<string, unknown>)) {
    const isOurs = stream instanceof Stream && stream.node.wiring === wiring;
    if (!isOurs) throw refused(["outputs", name], "a stream of this pipeline", stream);
    found.set(name, stream.node);
  }
  return { wiring, inputs: nodes, outputs: found };
}

const FORM =
  "write pipeline(store, { inputs: { orders: { key, value } }, outputs: ({ orders }) => ({ … }) })";

async function openNow<I extends Inputs, O extends Outputs, T extends Time>(
  store: Store,
  name: string,
  { wiring, inputs, outputs }: Wired,
  open: Open,
): Promise<Pipeline<I, O, T>> {
  const { serializer, time } = wiring;
  // Whether what was filled last is there is found out first, and it is made to be.
  if (open.unsettled !== undefined)
    await store.commit({ drops: open.unsettled.filter((gone) => store.has(gone)) });
  open.unsettled = undefined;
  const existing = new Set(store.traces);
  const record = await PipelineRecord.open(store);
  const texts = await record.read();
  const { wiring: wiringText, step: stepText } = texts.get(name) ?? {};
  const stored = wiringText === undefined ? NO_WIRING : (JSON.parse(wiringText) as StoredWiring);
  const step = stepText === undefined ? NO_STEP : (JSON.parse(stepText) as StoredStep);
  const plan = planPipeline(name, inputs, outputs, stored, existing);
  const traces = await openTraces(store, name, plan, stored, texts);
  const text = JSON.stringify(plan.wiring);
  if (text !== wiringText || plan.stale.size > 0) {
    const filling = new Filling(plan, traces, serializer, step.now ?? undefined);
    const changes = await filling.changes();
    changes.put(
      record.trace as unknown as AnyTrace,
      record.change(name, "wiring", wiringText, text) as Delta,
    );
    changes.insert();
    try {
      await store.commit({ drops: plan.gone });
    } catch (error) {
      const told = await changes.undo(error, () => record.has(name, "wiring", text));
      if (!isZspineError(told) || !told.determinate) open.unsettled = plan.gone;
      throw told;
    }
  }
  const parts = {
    name,
    store,
    plan,
    inputs,
    traces,
    record,
    serializer,
    hasTime: time !== undefined,
    step,
    stepText,
  };
  return new Pipeline<I, O, T>(parts);
}

function opening(name: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `the pipeline ${JSON.stringify(name)} is being opened; await that first`,
  );
}
