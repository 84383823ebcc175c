import { turn, type Environment } from "@zspine/core";

const SLICE_MS = 4;
/** Steps between two looks at the clock. */
const STEPS = 64;

/** Lets others run now and then, in long work that waits for nothing. */
export class Slices {
  private readonly environment: Environment;
  private steps = 0;
  private end: number;

  constructor(environment: Environment) {
    this.environment = environment;
    this.end = environment.now() + SLICE_MS;
  }

  /** Notes a step; tells whether {@link Slices.rest} is due. */
  step(): boolean {
    return ++this.steps % STEPS === 0 && this.environment.now() >= this.end;
  }

  /** Resolves in a later turn. */
  async rest(): Promise<void> {
    await turn(this.environment);
    this.end = this.environment.now() + SLICE_MS;
  }
}
