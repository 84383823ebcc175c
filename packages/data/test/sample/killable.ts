import { memory } from "@zspine/backend-memory";
import { chaos, retained, type Fault } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";

/** A place that outlives processes, of which one ends, or fails, at a call of its backend. */
export class Killable {
  /** Calls of backends so far. */
  calls = 0;
  /** The call at which the process ends. */
  killAt = Infinity;
  /** What goes wrong at a call, and at which. */
  fault: { readonly at: number; readonly what: Fault } | undefined;
  private readonly medium = retained(() => memory());

  /** Opens it, as a store does. */
  get backend(): BackendOpener {
    return {
      type: "killable",
      open: async () => this.wrap(await this.medium.open("place")),
      drop: () => Promise.reject(new Error("nothing drops a place here")),
    };
  }

  /** Ends the process that has it open. */
  kill(): void {
    this.medium.crash("place");
  }

  private wrap(backend: Backend): Backend {
    return chaos(backend, {
      plan: () => {
        this.calls++;
        if (this.calls === this.killAt) this.kill();
        return this.fault?.at === this.calls ? this.fault.what : undefined;
      },
    });
  }
}

/** What a process has come to that ends at each call of its backend in turn: `check` is called for each, and at the end. */
export async function killEverywhere(
  prepare: (place: Killable) => Promise<void>,
  run: (place: Killable) => Promise<void>,
  check: (place: Killable, killedAt: number) => Promise<void>,
): Promise<number> {
  for (let step = 1; ; step++) {
    const place = new Killable();
    await prepare(place);
    place.calls = 0;
    place.killAt = step;
    const ended = await run(place).then(
      () => true,
      () => false,
    );
    const isOver = place.calls < step;
    if (isOver && !ended) throw new Error("the run failed, though nobody has killed it");
    place.killAt = Infinity;
    place.kill();
    await check(place, step);
    if (isOver) return step - 1;
  }
}
