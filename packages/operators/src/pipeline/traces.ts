import { isZspineError, quote, ZspineError } from "@zspine/core";
import type { Store } from "@zspine/store";
import type { Plan, PlannedTrace } from "../wiring/plan.ts";
import { RECORD_NAME, type StoredWiring } from "../wiring/record.ts";
import type { AnyTrace } from "./state-reader.ts";

/**
 * Opens the traces of a plan.
 *
 * @param claims The traces that other pipelines have, with the names of those.
 * @throws (rejects with) `ZSPINE_CONFLICT` for a trace that is another's; `ZSPINE_UNKNOWN_NAME` for an input whose trace was
 *   dropped; `ZSPINE_SCHEMA` for an input or an output that has other columns than it had.
 */
export async function openTraces(
  store: Store,
  plan: Plan,
  stored: StoredWiring,
  claims: ReadonlyMap<string, string>,
): Promise<Map<string, AnyTrace>> {
  const own = new Set(stored.traces.map((trace) => trace.name));
  const opened = new Map<string, AnyTrace>();
  for (const planned of plan.traces) {
    const isOwn = own.has(planned.name);
    const owner = claims.get(planned.name);
    if (planned.name === RECORD_NAME) throw taken(planned.name, "pipelines are told of in it");
    if (owner !== undefined) throw taken(planned.name, `the pipeline ${quote(owner)} has it`);
    const isInput = planned.role === "input" || planned.role === "adopted";
    if (isOwn && isInput && !store.has(planned.name)) throw dropped(planned.name);
    const wasThere = store.has(planned.name);
    const trace = await openTrace(store, planned);
    if (wasThere && !isOwn && !isInput && (await trace.count()).rows > 0)
      throw taken(planned.name, "it has rows that this pipeline did not make");
    opened.set(planned.name, trace);
  }
  return opened;
}

async function openTrace(store: Store, { name, role, schemas }: PlannedTrace): Promise<AnyTrace> {
  try {
    return await store.trace(name, { ...schemas, create: true });
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_SCHEMA") || role !== "output") throw error;
    const message = `the output ${quote(name)} had other columns before; give the new one another name, and the old one is dropped: ${error.message}`;
    throw new ZspineError("ZSPINE_SCHEMA", message, { cause: error, path: ["outputs", name] });
  }
}

function taken(name: string, why: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `the trace ${quote(name)} cannot be one of the pipeline: ${why}; choose another name`,
  );
}

function dropped(name: string): ZspineError {
  return new ZspineError(
    "ZSPINE_UNKNOWN_NAME",
    `the trace of the input ${quote(name)} was dropped, and what the pipeline has made of it is still there; restore the store, or give the pipeline another name and its inputs their rows anew`,
  );
}
