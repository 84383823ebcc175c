import { NEAR_SOURCES } from "./merge-queue.ts";
import type { MergeSource } from "./merge-source.ts";
import type { Plan } from "./part-builder.ts";
import type { Part } from "./part.ts";

/**
 * The parts that the rows of a plan are of. Of few sources all are, by the numbers of these. Of many those alone that have
 * rows in the plan, and it is numbered anew by them: gathering costs what is planned, however many sources there are.
 */
export class PlanParts {
  /** By the number of a source that of its part, and one: 0 for none. */
  private readonly numbers: Uint32Array;

  /** @param sourcesMax The greatest number of sources. */
  constructor(sourcesMax: number) {
    this.numbers = new Uint32Array(sourcesMax > NEAR_SOURCES ? sourcesMax : 0);
  }

  /** The arrays that it keeps in memory. */
  get arrays(): ArrayBufferView[] {
    return [this.numbers];
  }

  /** Gives the parts of the first `planned` rows of a plan, whose `sources` are their numbers then. */
  of(plan: Plan, planned: number, sources: readonly (MergeSource | undefined)[]): Part[] {
    if (sources.length <= NEAR_SOURCES) return sources.map((source) => source!.part);
    const { numbers } = this;
    const used: number[] = [];
    for (let i = 0; i < planned; i++) {
      const source = plan.sources[i]!;
      if (numbers[source] === 0) numbers[source] = used.push(source);
      plan.sources[i] = numbers[source]! - 1;
    }
    for (const source of used) numbers[source] = 0;
    return used.map((source) => sources[source]!.part);
  }
}
