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
import { planPipeline, type Plan } from "../wiring/plan.ts";
import {
  NO_STEP,
  NO_WIRING,
  PipelineRecord,
  type StoredStep,
  type StoredWiring,
  type Texts,
} from "../wiring/record.ts";
import { Stream } from "../wiring/stream.ts";
import { Changes } from "./changes.ts";
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
  /** The names of the traces that pipelines have made, by theirs. */
  readonly made: Map<string, Set<string>>;
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
  const open: Open = stores.get(store) ?? { pipelines: new Map(), made: new Map(), unsettled: undefined };
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
  const made = open.made.get(name) ?? new Set<string>();
  open.made.set(name, made);
  const there = { existing, made };
  const plan = planPipeline(name, inputs, outputs, stored, there);
  const claims = claimsOf(texts, open, name);
  for (const trace of plan.traces)
    if (!existing.has(trace.name) && !claims.has(trace.name)) made.add(trace.name);
  const traces = await openTraces(store, plan, stored, claims);
  const drops = await dropsOf(store, plan, stored, claims);
  const text = JSON.stringify(plan.wiring);
  const told = record.change(name, "wiring", wiringText, text) as Delta;
  const isFilled = text === wiringText && plan.stale.size === 0;
  const changes = isFilled
    ? new Changes()
    : await new Filling(plan, traces, serializer, step.now ?? undefined).changes();
  // Where nothing is stored yet, and nothing is to be filled, the first step is the first commit.
  const isFresh = wiringText === undefined && changes.isEmpty;
  if (!isFilled && !isFresh) {
    changes.put(record.trace as unknown as AnyTrace, told);
    changes.insert();
    try {
      await store.commit({ drops });
    } catch (error) {
      const failure = await changes.undo(error, () => record.has(name, "wiring", text));
      if (!isZspineError(failure) || !failure.determinate) open.unsettled = drops;
      throw failure;
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
    first: isFresh ? { wiring: told, drops } : undefined,
  };
  return new Pipeline<I, O, T>(parts);
}

/** What is to be dropped: traces that were the pipeline's, and those it made and nobody has taken since. */
async function dropsOf(
  store: Store,
  plan: Plan,
  stored: StoredWiring,
  claims: ReadonlyMap<string, string>,
): Promise<string[]> {
  const own = new Set(stored.traces.map((trace) => trace.name));
  const drops: string[] = [];
  for (const gone of plan.gone) {
    const isLeft = async (): Promise<boolean> => (await (await store.trace(gone)).count()).rows === 0;
    if (own.has(gone) || (!claims.has(gone) && (await isLeft()))) drops.push(gone);
  }
  return drops;
}

/** The traces that other pipelines have, stored or open, with the names of those. */
function claimsOf(texts: ReadonlyMap<string, Texts>, { pipelines }: Open, name: string): Map<string, string> {
  const claims = new Map<string, string>();
  for (const [owner, { wiring }] of texts)
    if (owner !== name && wiring !== undefined)
      for (const trace of (JSON.parse(wiring) as StoredWiring).traces) claims.set(trace.name, owner);
  for (const [owner, one] of pipelines)
    if (owner !== name && one !== "opening") for (const trace of one.traces) claims.set(trace, owner);
  return claims;
}

function opening(name: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `the pipeline ${JSON.stringify(name)} is being opened; await that first`,
  );
}
