import type { SeededRandom } from "@zspine/conformance";
import { turn, ZspineError, type Environment } from "@zspine/core";
import type { Executor } from "../../src/merge/executor.ts";
import type { SpineMerge } from "../../src/merge/spine.ts";

/** Merges in an order and in shares that are drawn from a seed, with pauses between them, and fails by chance. */
export class RandomExecutor implements Executor {
  failures = 0;
  pauses = 0;
  private readonly random: SeededRandom;
  private readonly environment: Environment;
  private readonly failureRate: number;
  private isStopped = false;

  /** @param failureRate How likely each share of a merge fails. */
  constructor(random: SeededRandom, environment: Environment, failureRate = 0) {
    this.random = random;
    this.environment = environment;
    this.failureRate = failureRate;
  }

  begin(): void {}

  *work(
    round: readonly SpineMerge[],
    fail: (merge: SpineMerge, error: unknown) => void,
  ): Iterable<Promise<void>> {
    const { random } = this;
    const left = [...round];
    while (left.length > 0 && !this.isStopped) {
      const at = random.int(0, left.length - 1);
      const one = left[at]!;
      if (one.spine !== undefined && random.chance(this.failureRate)) {
        this.failures++;
        fail(one, new ZspineError("ZSPINE_IO", "of the executor's"));
      }
      if (one.spine !== undefined) one.merge.work(random.pick([3, 500, 1e9]));
      if (one.spine === undefined || one.merge.isHungry || one.merge.isDone || random.chance(0.5))
        left.splice(at, 1);
      if (!random.chance(0.6)) continue;
      this.pauses++;
      yield turn(this.environment, random.int(0, 2));
    }
  }

  stop(): void {
    this.isStopped = true;
  }
}
