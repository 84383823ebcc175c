import { layoutOf, quote, ZspineError, type Layout, type Schema } from "@zspine/core";
import { checkValidates, didYouMean, quoteNames, type HashSeed } from "@zspine/core/engine";
import type { Emitter, StoreEvents } from "../events/events.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import { awaken, type DormantTrace } from "../recovery/dormant-trace.ts";
import type { ValueKeeper } from "../tier/batch-file.ts";
import type { BatchSink } from "../tier/batch-sink.ts";
import type { Loader } from "../tier/loader.ts";
import { otherSchema } from "../trace/other-schema.ts";
import { Trace, type TraceSource } from "../trace/trace.ts";
import { TraceState } from "../trace/trace-state.ts";
import type { DroppedTrace } from "./commit-queue.ts";
import { checkTrace, type TraceOptions } from "./trace-options.ts";

type AnyState = TraceState<unknown, unknown>;
type AnyTrace = Trace<unknown, unknown>;

/** What the traces of a store share. */
export interface TableSurroundings {
  readonly options: CheckedOptions;
  /** Makes a sink that writes to the backend; missing where committed rows stay in memory. */
  readonly newStoredSink: ((name: string, layout: Layout) => BatchSink) | undefined;
  readonly seed: HashSeed;
  readonly keeper: ValueKeeper;
  readonly loader: Loader;
  readonly events: Emitter<StoreEvents>;
  /** @throws `ZSPINE_CLOSED` when the store is. */
  guard(): void;
  /** Told that there is merging to do. */
  onWork(): void;
}

/** The traces of a store by name: those that are open, and those that the last head names and nobody has opened. */
export class TraceTable {
  private readonly surroundings: TableSurroundings;
  private readonly open = new Map<string, { readonly state: AnyState; readonly trace: AnyTrace }>();
  private readonly dormant: Map<string, DormantTrace>;
  /** The names that were there when the store was opened, and still are. */
  private readonly found: Set<string>;

  constructor(surroundings: TableSurroundings, found: readonly DormantTrace[]) {
    this.surroundings = surroundings;
    this.dormant = new Map(found.map((trace) => [trace.head.name, trace]));
    this.found = new Set(this.dormant.keys());
  }

  /** Names of the traces, sorted. */
  get names(): string[] {
    return [...this.open.keys(), ...this.dormant.keys()].sort();
  }

  get states(): AnyState[] {
    return Array.from(this.open.values(), ({ state }) => state);
  }

  /** The traces that are left when some are dropped. */
  without(drops: readonly DroppedTrace[]): {
    readonly open: readonly AnyState[];
    readonly dormant: readonly DormantTrace[];
  } {
    const isLeft = ({ head }: DormantTrace): boolean => !drops.some(({ name }) => name === head.name);
    return {
      open: this.states.filter((state) => !drops.some((dropped) => dropped.state === state)),
      dormant: [...this.dormant.values()].filter(isLeft),
    };
  }

  has(name: string): boolean {
    return this.open.has(name) || this.dormant.has(name);
  }

  /** Finds what is to be dropped. @throws `ZSPINE_UNKNOWN_NAME`. */
  find(name: string): DroppedTrace {
    if (!this.has(name)) throw this.unknown(name, "");
    return { name, state: this.open.get(name)?.state };
  }

  /** Takes a trace off, unless there is another by its name. */
  forget(name: string, state: AnyState | undefined): void {
    if (state === undefined) this.dormant.delete(name);
    else if (this.open.get(name)?.state === state) this.open.delete(name);
    if (!this.has(name)) this.found.delete(name);
  }

  /** Opens a trace without schemas, as it was opened before. */
  get(name: string): AnyTrace {
    const existing = this.open.get(name);
    if (existing !== undefined) return existing.trace;
    if (!this.dormant.has(name)) throw this.unknown(name, "; to create it, pass its schemas { key, value }");
    throw new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `the trace ${quote(name)} is there, but nobody has told its schemas since the store was opened; pass { key, value }`,
    );
  }

  /** Opens a trace, creating it when there is none of the name and it may be created. */
  getOrCreate(name: string, options: TraceOptions<Schema, Schema>): AnyTrace {
    checkTrace(options);
    const { serializer } = this.surroundings.options;
    const layout = layoutOf(options.key, options.value, serializer === undefined ? {} : { serializer });
    if (options.validate === true) checkValidates([options.key, options.value]);
    const existing = this.open.get(name);
    if (existing === undefined) {
      if (!this.dormant.has(name)) this.checkMayCreate(name, options.create);
      return this.create(name, layout, options.validate === true);
    }
    const { fingerprint } = existing.state.layout;
    if (fingerprint !== layout.fingerprint) throw otherSchema(name, fingerprint, layout.fingerprint);
    if (options.validate !== undefined && options.validate !== existing.trace.validates) {
      const message = `trace.validate: ${quote(name)} is open with validate: ${existing.trace.validates}; leave it out, or open it so first`;
      throw new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path: ["trace", "validate"] });
    }
    return existing.trace;
  }

  private unknown(name: string, advice: string): ZspineError {
    return new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      `there is no trace ${quote(name)}; known: ${quoteNames(this.names)}${didYouMean(name, this.names)}${advice}`,
    );
  }

  /**
   * A name that is not there may be mistyped where others are: an empty trace in place of a full one would be a
   * wrong answer. See decisions/0030.
   */
  private checkMayCreate(name: string, create: boolean | undefined): void {
    if (this.surroundings.options.isReadOnly) throw this.unknown(name, "; the store is read only");
    if (create === false) throw this.unknown(name, "; to create it, leave out create: false");
    if (create === true || this.found.size === 0) return;
    throw this.unknown(
      name,
      "; this store has traces already: to add one, pass { create: true } beside its schemas, which does no harm once it is there",
    );
  }

  private create(name: string, layout: Layout, validates: boolean): AnyTrace {
    const { options, newStoredSink, seed, keeper, loader, events, guard, onWork } = this.surroundings;
    const dormant = this.dormant.get(name);
    if (dormant !== undefined && dormant.head.fingerprint !== layout.fingerprint)
      throw otherSchema(name, dormant.head.fingerprint, layout.fingerprint);
    const committed =
      dormant === undefined
        ? undefined
        : { batches: awaken(dormant, layout), totalWeight: dormant.head.totalWeight };
    const { strategy, stagingRows, isReadOnly } = options;
    const state: AnyState = new TraceState(
      name,
      layout,
      {
        strategy: isReadOnly ? { name: "none", choose: () => undefined } : strategy,
        stagingRows,
        seed,
        keeper,
        loader,
        newStoredSink,
        onMerge: (report) => {
          events.emit("merge", { trace: name, ...report });
        },
        onWork,
      },
      committed,
    );
    this.dormant.delete(name);
    const guardTrace = (): void => {
      guard();
      if (!state.isDropped) return;
      throw new ZspineError(
        "ZSPINE_CLOSED",
        `the trace ${quote(name)} was dropped; open it anew with store.trace()`,
      );
    };
    const source: TraceSource<unknown, unknown> = {
      owner: state,
      context: state.context,
      loader,
      keeper,
      isReadOnly,
      get discards() {
        return state.discards;
      },
      guard: guardTrace,
      release: (place) => {
        state.release(place);
      },
      between: (from, place) => state.between(from, place),
      viewAt: (place, totalWeight) => state.viewAt(place, totalWeight),
    };
    const trace: AnyTrace = new Trace(state, source, validates);
    this.open.set(name, { state, trace });
    return trace;
  }
}

const NAME_LENGTH_MAX = 200;

/** @throws `ZSPINE_INVALID_OPTIONS` for what is no name of a trace. */
export function checkName(name: unknown): asserts name is string {
  const isName =
    typeof name === "string" &&
    name.length > 0 &&
    name.length <= NAME_LENGTH_MAX &&
    !/[\p{Cc}\p{Cs}]/u.test(name);
  if (isName) return;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `name: expected 1 to ${NAME_LENGTH_MAX} characters without control characters, found ${quote(name)}`,
    { path: ["name"] },
  );
}
