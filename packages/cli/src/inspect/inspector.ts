import { exportNdjson, type RowSource } from "@zspine/data";
import type { Store, TraceStats } from "@zspine/store";
import { TemporalTrace } from "@zspine/temporal";
import { chooseTrace, openStored, type AnyTrace } from "../place/stored-traces.ts";
import { rangeOf } from "../schema/key-text.ts";

/** A trace as the page draws it. */
export interface InspectedTrace {
  readonly name: string;
  readonly kind: string;
  readonly fingerprint: string;
  readonly rows: number;
  readonly totalWeight: number;
  readonly storedBytes: number;
  /** Size tiers of its batches, the smallest first. */
  readonly levels: TraceStats["levels"];
  /** Of a trace with times: the first that can be read, and the last that is complete. */
  readonly since?: number;
  readonly lastComplete?: number | null;
}

/** A store as the page draws it. */
export interface InspectedStore {
  readonly location: string;
  readonly backend: string;
  readonly token: number;
  readonly metadata: unknown;
  readonly memoryBytes: number;
  readonly storedBytes: number;
  readonly traces: readonly InspectedTrace[];
}

/** Which rows the page asks for; texts as a command line has them. */
export interface RowsQuery {
  readonly trace: string;
  /** The first key; from the first of all where there is none. */
  readonly from?: string | undefined;
  /** Of a trace with times: as of which; as of the last that is complete where there is none. */
  readonly asOf?: number | undefined;
}

/** How many rows the page is given at a time. */
const ROWS_SHOWN = 100;

/** What is asked of a store that is open to be read only. */
export class Inspector {
  private readonly store: Store;
  private readonly place: { readonly location: string; readonly backend: string };
  private readonly traces = new Map<string, Promise<AnyTrace>>();

  constructor(store: Store, place: { readonly location: string; readonly backend: string }) {
    this.store = store;
    this.place = place;
  }

  /** Tells the traces of the newest commit, and the levels of their batches. Reads no rows. */
  async describe(): Promise<InspectedStore> {
    const { store } = this;
    await store.refresh();
    const traces: InspectedTrace[] = [];
    for (const name of store.traces) traces.push(await this.describeTrace(name));
    const { memory, storedBytes } = store.stats();
    const { token, metadata } = store;
    return { ...this.place, token, metadata, memoryBytes: memory.total, storedBytes, traces };
  }

  private async describeTrace(name: string): Promise<InspectedTrace> {
    const { kind = "", fingerprint, rows, totalWeight, storedBytes } = this.store.describe(name);
    const trace = await this.open(name);
    const levels = this.store.stats().traces[name]?.levels ?? [];
    const told = { name, kind, fingerprint, rows, totalWeight, storedBytes, levels };
    if (!(trace instanceof TemporalTrace)) return told;
    return { ...told, since: trace.since, lastComplete: trace.lastComplete ?? null };
  }

  /**
   * Reads rows, at most {@link ROWS_SHOWN}, as lines of NDJSON.
   *
   * @throws `UsageError`, `ZSPINE_UNKNOWN_NAME`, `ZSPINE_INVALID_OPTIONS` and `ZSPINE_TIME_PASSED`, `ZSPINE_TIME_AHEAD` for
   *   what was asked.
   */
  async rows({ trace: name, from, asOf }: RowsQuery, signal: AbortSignal): Promise<string> {
    const trace = await this.open(chooseTrace(this.store, name).name);
    const range = rangeOf(trace.layout, { limit: ROWS_SHOWN, gte: from });
    if (!(trace instanceof TemporalTrace)) return textOf(exportNdjson(trace, { range, signal }));
    if (asOf === undefined && trace.lastComplete === undefined) return "";
    using reader = await trace.asOf(asOf);
    return await textOf(exportNdjson(reader as RowSource<unknown, unknown>, { range, signal }));
  }

  /** Checks every byte; how many there are to check, `describe` tells. */
  verify(signal: AbortSignal): ReturnType<Store["verify"]> {
    return this.store.verify({ signal });
  }

  private open(name: string): Promise<AnyTrace> {
    const opened = this.traces.get(name) ?? openStored(this.store, this.store.describe(name));
    this.traces.set(name, opened);
    return opened;
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
