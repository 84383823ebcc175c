import { throwIfAborted, type Serializer } from "@zspine/core";
import { emptyOf } from "../node/node.ts";
import type { Delta, StateReader, StepOutput, Time } from "../operator/operator.ts";
import type { Plan, PlannedNode } from "../wiring/plan.ts";
import { Changes } from "./changes.ts";
import { EmptyReader, TraceReader, type AnyTrace, type Tally } from "./state-reader.ts";

/** What a step is made of. */
export interface Given {
  /** What has changed of inputs, by name. */
  readonly inputs: ReadonlyMap<string, Delta>;
  readonly now: Time | undefined;
  /** Whether that is later than the last step. */
  readonly isLater: boolean;
  readonly signal: AbortSignal | undefined;
}

/** What a step comes to: what is added to which trace, what comes out, and how much was read for it. */
export interface Evaluated {
  readonly changes: Changes;
  /** By name. */
  readonly outputs: ReadonlyMap<string, Delta>;
  readonly rowsRead: number;
}

/** Works out a step, operator by operator, of what the traces of a pipeline hold. Writes nothing. */
export class Evaluation {
  private readonly plan: Plan;
  private readonly traces: ReadonlyMap<string, AnyTrace>;
  private readonly serializer: Serializer | undefined;
  private readonly given: Given;
  private readonly tally: Tally = { rows: 0 };

  constructor(
    plan: Plan,
    traces: ReadonlyMap<string, AnyTrace>,
    serializer: Serializer | undefined,
    given: Given,
  ) {
    this.plan = plan;
    this.traces = traces;
    this.serializer = serializer;
    this.given = given;
  }

  /** @throws (rejects with) what reading fails with, and what the functions of operators throw. */
  async run(): Promise<Evaluated> {
    const { plan, traces, tally, given } = this;
    const made = new Map<number, StepOutput>();
    for (const planned of plan.nodes) {
      throwIfAborted(given.signal, "the step");
      made.set(planned.id, await this.make(planned, made));
    }
    const changes = new Changes();
    const outputs = new Map<string, Delta>();
    for (const { name, role, of, schemas } of plan.traces) {
      const { delta, state = emptyOf(schemas, this.serializer) } = made.get(of.id)!;
      changes.put(traces.get(name)!, role === "state" ? state : delta);
      if (role === "output") outputs.set(name, delta);
    }
    return { changes, outputs, rowsRead: tally.rows };
  }

  private async make(
    { node, id, inputs: read }: PlannedNode,
    made: ReadonlyMap<number, StepOutput>,
  ): Promise<StepOutput> {
    const { given, plan, serializer } = this;
    const { operator } = node;
    if (operator === undefined)
      return { delta: given.inputs.get(node.name!) ?? emptyOf(node.output, serializer) };
    const inputs = read.map((input, at) => ({
      delta: made.get(input.id)!.delta,
      before:
        operator.keepsInputs[at] === true
          ? this.read(plan.kept.get(input.id)!)
          : new EmptyReader(input.node.output, serializer),
    }));
    const isIdle = inputs.every(({ delta }) => delta.size === 0);
    if (isIdle && !(operator.isTimed === true && given.isLater))
      return { delta: emptyOf(node.output, serializer) };
    const state =
      operator.state === undefined
        ? new EmptyReader(operator.output, serializer)
        : this.read(stateName(plan, id));
    return operator.step({ inputs, state, now: given.now });
  }

  private read(name: string): StateReader {
    return new TraceReader(this.traces.get(name)!, this.tally, this.given.signal);
  }
}

function stateName({ traces }: Plan, id: number): string {
  return traces.find(({ role, of }) => role === "state" && of.id === id)!.name;
}
