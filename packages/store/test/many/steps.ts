import { vi } from "vitest";
import { Merger } from "@zspine/core/engine";
import { Boundaries } from "../../src/merge/boundaries.ts";
import { Spine } from "../../src/merge/spine.ts";
import { ValueKeeper } from "../../src/tier/value-keeper.ts";
import { Stages } from "../../src/trace/stages.ts";
import { TraceState } from "../../src/trace/trace-state.ts";

/** Counts the steps of some work: calls of the engine's methods, and what {@link Steps.count} is told of besides. */
export class Steps {
  private more = 0;
  private readonly spies: { readonly mock: { readonly calls: readonly unknown[] }; mockRestore(): void }[];

  constructor() {
    this.spies = [
      vi.spyOn(Boundaries.prototype, "hold"),
      vi.spyOn(Boundaries.prototype, "release"),
      vi.spyOn(Boundaries.prototype, "hasWithin"),
      vi.spyOn(Boundaries.prototype, "lastUpTo"),
      vi.spyOn(Spine.prototype, "insert"),
      vi.spyOn(Spine.prototype, "finish"),
      vi.spyOn(Spine.prototype, "join"),
      vi.spyOn(Stages.prototype, "append"),
      vi.spyOn(TraceState.prototype, "beginCommit"),
      vi.spyOn(TraceState.prototype, "describe"),
      vi.spyOn(TraceState.prototype, "holdCut"),
      vi.spyOn(TraceState.prototype, "releaseCut"),
      vi.spyOn(ValueKeeper.prototype, "hold"),
      vi.spyOn(ValueKeeper.prototype, "release"),
      vi.spyOn(Merger.prototype, "work"),
    ];
  }

  count(steps: number): void {
    this.more += steps;
  }

  /** How many there were. */
  end(): number {
    const steps = this.spies.reduce((sum, { mock }) => sum + mock.calls.length, this.more);
    for (const spy of this.spies) spy.mockRestore();
    return steps;
  }
}

/** Does `work` for n, 2n and 4n, and gives how many times more steps each took than the one before. */
export async function growthOf(
  n: number,
  work: (n: number, steps: { begin(): Steps }) => Promise<void>,
): Promise<number[]> {
  const counts: number[] = [];
  for (const times of [n, 2 * n, 4 * n]) {
    let steps: Steps | undefined;
    try {
      await work(times, { begin: () => (steps = new Steps()) });
    } finally {
      counts.push(steps?.end() ?? 0);
    }
  }
  return [counts[1]! / counts[0]!, counts[2]! / counts[1]!];
}
