/** Stands around each step of a process that leads to its medium. */
export type Gate = <T>(step: () => Promise<T>) => Promise<T>;

/** Lets everything pass. */
export const OPEN: Gate = (step) => step();

/** Stops a process at one of its steps, before it is made or after, as SIGSTOP does: nothing of it goes on until it is resumed. */
export class StopSign {
  /** Resolves when the process has stopped. */
  readonly reached: Promise<void>;
  isReached = false;
  private readonly at: number;
  private readonly when: "before" | "after";
  private steps = -Infinity;
  private tell!: () => void;
  private stopped: Promise<void> | undefined;
  private goOn: () => void = () => undefined;

  constructor(at: number, when: "before" | "after") {
    this.at = at;
    this.when = when;
    this.reached = new Promise((resolve) => (this.tell = resolve));
  }

  get isStopped(): boolean {
    return this.stopped !== undefined;
  }

  /** Counts steps from here on. */
  begin(): void {
    this.steps = 0;
  }

  /** Lets the process go on, to the end. */
  resume(): void {
    this.steps = -Infinity;
    this.stopped = undefined;
    this.goOn();
  }

  readonly gate: Gate = async (step) => {
    await this.stopped;
    const isHere = ++this.steps === this.at;
    if (isHere && this.when === "before") await this.stop();
    try {
      return await step();
    } finally {
      if (isHere && this.when === "after") await this.stop();
      // What is answered while it stands still it sees later.
      else await this.stopped;
    }
  };

  private stop(): Promise<void> {
    this.isReached = true;
    this.stopped = new Promise((resolve) => (this.goOn = resolve));
    this.tell();
    return this.stopped;
  }
}
