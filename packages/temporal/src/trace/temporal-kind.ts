import type { Layout } from "@zspine/core";
import { withTime, type Timed } from "@zspine/core/engine";
import type { MergeLens, TraceKind, TraceSeam } from "@zspine/store/trace-kind";
import { readFrontier, type Frontier } from "../frontier/frontier.ts";
import { Life } from "../lens/life.ts";
import { SinceLens } from "../lens/since-lens.ts";
import { FIRST_TIME } from "../time/time.ts";
import type { LatePolicy, LateRows } from "../options/late.ts";
import { serveHolds } from "../state/serve-holds.ts";
import { TemporalState } from "../state/temporal-state.ts";
import { TemporalTrace } from "./temporal-trace.ts";
import { TimedIntake } from "../intake/timed-intake.ts";

/** Temporal traces as a kind of trace: time is the last column, since folds it, heads say how far. */
export class TemporalKind<K, V> implements TraceKind<K, Timed<V>, Frontier, TemporalTrace<K, V>> {
  readonly name = "temporal";
  readonly opener = "temporalTrace() of @zspine/temporal";
  private readonly late: LatePolicy;
  private readonly onLate: ((rows: LateRows<K, V>) => void) | undefined;
  private rows: Layout<K, V> | undefined;
  /** The lens of a frontier, which is asked for again and again. */
  private made: { readonly frontier: Frontier; readonly lens: MergeLens | undefined } | undefined;

  constructor(late: LatePolicy, onLate: ((rows: LateRows<K, V>) => void) | undefined) {
    this.late = late;
    this.onLate = onLate;
  }

  layout(of: Layout): Layout<K, Timed<V>> {
    this.rows = of as Layout<K, V>;
    return withTime(this.rows);
  }

  read(told: Parameters<typeof readFrontier>[0]): Frontier {
    return readFrontier(told);
  }

  lens(frontier: Frontier): MergeLens | undefined {
    if (this.made?.frontier === frontier) return this.made.lens;
    const life = Life.of(this.rows as Layout, frontier);
    const isIdle = frontier.since === FIRST_TIME && life.isEndless;
    const lens = isIdle ? undefined : new SinceLens(this.rows!.kinds.length + 1, frontier.since, life);
    this.made = { frontier, lens };
    return lens;
  }

  open(seam: TraceSeam<K, Timed<V>, Frontier>): TemporalTrace<K, V> {
    const state = new TemporalState(seam, this.rows!, this.late === "accept");
    seam.serve(serveHolds(state));
    return new TemporalTrace(state, new TimedIntake(state, this.late, this.onLate));
  }
}
