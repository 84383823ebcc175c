import { SingleBar } from "cli-progress";
import type { Terminal } from "./terminal.ts";

/** A bar for a person who watches; for others, nothing. */
export class Progress {
  private readonly bar: SingleBar | undefined;
  private isStarted = false;

  /** @param what What is being done: "importing". */
  constructor(terminal: Terminal, what: string) {
    if (!terminal.isWatched) return;
    this.bar = new SingleBar({
      format: `${what} {bar} {percentage}% {detail}`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
      gracefulExit: false,
    });
  }

  /** Says how far it is. */
  at(done: number, total: number, detail: string): void {
    const { bar } = this;
    if (bar === undefined) return;
    const most = Math.max(total, done, 1);
    if (!this.isStarted) bar.start(most, done, { detail });
    this.isStarted = true;
    bar.setTotal(most);
    bar.update(done, { detail });
  }

  /** Takes it off the screen. */
  end(): void {
    if (this.isStarted) this.bar?.stop();
    this.isStarted = false;
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
