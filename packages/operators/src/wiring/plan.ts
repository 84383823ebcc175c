import { quote, ZspineError } from "@zspine/core";
import { textOfNode, type Node } from "../node/node.ts";
import type { RowSchemas } from "../operator/operator.ts";
import type { Role, StoredWiring } from "./record.ts";

/** A node of a pipeline with its identity, which it keeps for as long as it does the same with the same. */
export interface PlannedNode {
  readonly id: number;
  readonly node: Node;
  readonly inputs: readonly PlannedNode[];
}

/** A trace that a pipeline has: of an input, of what a node gives, or of what one keeps for itself. */
export interface PlannedTrace {
  readonly name: string;
  readonly role: Role;
  readonly of: PlannedNode;
  readonly schemas: RowSchemas;
}

/** The names of the traces that a store has, and of those that pipelines of the name have made in this process. */
export interface TracesThere {
  readonly existing: ReadonlySet<string>;
  readonly made: ReadonlySet<string>;
}

/** How a pipeline is made of what is stored of the one before it. */
export interface Plan {
  /** Each after those it reads. */
  readonly nodes: readonly PlannedNode[];
  readonly traces: readonly PlannedTrace[];
  /** Where the rows of a node are kept, by its id; missing for those whose are not. */
  readonly kept: ReadonlyMap<number, string>;
  /** The names of traces that do not have what they should. */
  readonly stale: ReadonlySet<string>;
  /** The names of traces that are needed no more. */
  readonly gone: readonly string[];
  /** What is to be stored. */
  readonly wiring: StoredWiring;
}

/**
 * Plans a pipeline: gives the nodes their identities, equal for equal ones, those that are stored where they are; and says
 * which traces it has, which of them have what they should, and which are needed no more.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for a name that is there twice.
 */
export function planPipeline(
  name: string,
  inputs: ReadonlyMap<string, Node>,
  outputs: ReadonlyMap<string, Node>,
  stored: StoredWiring,
  { existing, made }: TracesThere,
): Plan {
  const identities = new Identities(stored, nextAfter(name, existing));
  const planned = new Map([...outputs].map(([output, node]) => [output, identities.plan(node)]));
  const ofInputs = new Map([...inputs].map(([input, node]) => [input, identities.plan(node)]));
  const traces = new Map<string, PlannedTrace>();
  const put = (trace: PlannedTrace): void => {
    if (traces.has(trace.name)) throw namedTwice(trace.name);
    traces.set(trace.name, trace);
  };
  const kept = new Map<number, string>();
  const known = new Map(stored.traces.map((trace) => [trace.name, trace]));
  for (const [input, of] of ofInputs) {
    const roleBefore = known.get(input)?.role;
    const role =
      roleBefore === "adopted" || (roleBefore === undefined && existing.has(input) && !made.has(input))
        ? "adopted"
        : "input";
    put({ name: input, role, of, schemas: of.node.output });
    kept.set(of.id, input);
  }
  for (const [output, of] of planned) {
    put({ name: output, role: "output", of, schemas: of.node.output });
    if (!kept.has(of.id)) kept.set(of.id, output);
  }
  const nodes = identities.nodes;
  for (const { node, inputs: read } of nodes)
    for (const [at, of] of read.entries())
      if (node.operator!.keepsInputs[at] === true && !kept.has(of.id)) {
        put({ name: `${name}/${of.id}`, role: "stream", of, schemas: of.node.output });
        kept.set(of.id, `${name}/${of.id}`);
      }
  for (const of of nodes) {
    const schemas = of.node.operator?.state;
    if (schemas !== undefined) put({ name: `${name}/${of.id}.state`, role: "state", of, schemas });
  }
  const stale = [...traces.values()].filter(
    ({ name: of, of: { id }, role }) => !INPUTS.has(role) && !(existing.has(of) && known.get(of)?.id === id),
  );
  const before = stored.traces.flatMap((trace) => (trace.role === "adopted" ? [] : [trace.name]));
  const gone = [...new Set([...before, ...made])].filter((of) => !traces.has(of) && existing.has(of));
  return {
    nodes,
    traces: [...traces.values()],
    kept,
    stale: new Set(stale.map((trace) => trace.name)),
    gone,
    wiring: identities.toWiring([...traces.values()]),
  };
}

const INPUTS: ReadonlySet<Role> = new Set(["input", "adopted"]);

/** Gives nodes their numbers: the same as before to those that do the same with the same. */
class Identities {
  /** Each after those it reads. */
  readonly nodes: PlannedNode[] = [];
  private next: number;
  private readonly known: Map<string, number>;
  private readonly byNode = new Map<Node, PlannedNode>();
  private readonly byId = new Map<number, PlannedNode>();
  private readonly texts = new Map<number, string>();

  constructor({ next, nodes }: StoredWiring, least: number) {
    this.next = Math.max(next, least);
    this.known = new Map(nodes.map(({ id, text, inputs }) => [identityOf(text, inputs), id]));
  }

  plan(node: Node): PlannedNode {
    const found = this.byNode.get(node);
    if (found !== undefined) return found;
    const inputs = node.inputs.map((input) => this.plan(input));
    const text = textOfNode(node);
    const identity = identityOf(
      text,
      inputs.map(({ id }) => id),
    );
    const id = this.known.get(identity) ?? this.next++;
    this.known.set(identity, id);
    const planned = this.byId.get(id) ?? { id, node, inputs };
    if (!this.byId.has(id)) this.nodes.push(planned);
    this.byId.set(id, planned);
    this.byNode.set(node, planned);
    this.texts.set(id, text);
    return planned;
  }

  toWiring(traces: readonly PlannedTrace[]): StoredWiring {
    return {
      next: this.next,
      nodes: this.nodes.map(({ id, inputs }) => ({
        id,
        text: this.texts.get(id)!,
        inputs: inputs.map((input) => input.id),
      })),
      traces: traces.map(({ name, role, of: { id } }) => ({ name, role, id })),
    };
  }
}

/** A number that no trace has: also of those that were made for a pipeline that was never committed. */
function nextAfter(name: string, existing: ReadonlySet<string>): number {
  let next = 1;
  for (const trace of existing) {
    const number = trace.startsWith(`${name}/`) ? Number.parseInt(trace.slice(name.length + 1), 10) : 0;
    if (number >= next) next = number + 1;
  }
  return next;
}

function identityOf(text: string, inputs: readonly number[]): string {
  return JSON.stringify([text, inputs]);
}

function namedTwice(name: string): ZspineError {
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `the name ${quote(name)} is there twice in the pipeline: an output that is an input would be a cycle, and each trace has a name of its own; choose another`,
    { path: ["outputs", name] },
  );
}
