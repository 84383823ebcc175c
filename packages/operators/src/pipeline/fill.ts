import { IndexedZSet, subtract, type Serializer } from "@zspine/core";
import { Batch, type Part } from "@zspine/core/engine";
import { emptyOf } from "../node/node.ts";
import type { Delta, StepOutput, Time } from "../operator/operator.ts";
import type { Plan, PlannedNode } from "../wiring/plan.ts";
import { Changes } from "./changes.ts";
import { EmptyReader, type AnyTrace } from "./state-reader.ts";

/**
 * Fills the traces of a plan that do not have what they should: as if all there is had come in one step, before which there
 * was nothing. Takes memory for the rows of what is filled, and of the streams that it is made of.
 */
export class Filling {
  private readonly plan: Plan;
  private readonly traces: ReadonlyMap<string, AnyTrace>;
  private readonly serializer: Serializer | undefined;
  private readonly now: Time | undefined;
  private readonly made = new Map<number, Promise<StepOutput>>();

  constructor(
    plan: Plan,
    traces: ReadonlyMap<string, AnyTrace>,
    serializer: Serializer | undefined,
    now: Time | undefined,
  ) {
    this.plan = plan;
    this.traces = traces;
    this.serializer = serializer;
    this.now = now;
  }

  /** What is to be added to the traces. */
  async changes(): Promise<Changes> {
    const changes = new Changes();
    for (const { name, role, of, schemas } of this.plan.traces) {
      if (!this.plan.stale.has(name)) continue;
      const trace = this.traces.get(name)!;
      const empty = emptyOf(schemas, this.serializer);
      const is = role === "state" ? ((await this.make(of)).state ?? empty) : await this.rowsOf(of);
      changes.put(trace, subtract(is, await allOf(trace, empty)));
    }
    return changes;
  }

  /** All rows of a node: read where they are kept, made where not. */
  private async rowsOf(planned: PlannedNode): Promise<Delta> {
    const { node, id } = planned;
    const kept = this.plan.traces.find(
      ({ name, role, of }) => of.id === id && role !== "state" && !this.plan.stale.has(name),
    );
    if (kept === undefined) return (await this.make(planned)).delta;
    return allOf(this.traces.get(kept.name)!, emptyOf(node.output, this.serializer));
  }

  private make(planned: PlannedNode): Promise<StepOutput> {
    const made = this.made.get(planned.id) ?? this.makeNow(planned);
    this.made.set(planned.id, made);
    return made;
  }

  private async makeNow({ node, inputs: read }: PlannedNode): Promise<StepOutput> {
    const { serializer, now } = this;
    const operator = node.operator!;
    const inputs: { delta: Delta; before: EmptyReader }[] = [];
    for (const input of read)
      inputs.push({
        delta: await this.rowsOf(input),
        before: new EmptyReader(input.node.output, serializer),
      });
    const state = new EmptyReader(operator.state ?? operator.output, serializer);
    return operator.step({ inputs, state, now });
  }
}

/** Reads a trace as a Z-set. */
async function allOf(trace: AnyTrace, empty: Delta): Promise<Delta> {
  const parts: Part[] = [];
  for await (const { part } of trace.chunks()) parts.push(part);
  return new IndexedZSet(Batch.of(empty.layout, parts));
}
