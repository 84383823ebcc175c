import { FailedError } from "./failure.ts";

/** Where a command writes to, and what ends it. */
export interface Terminal {
  /** Writes what was asked for; resolves when it is written. @throws (rejects with) `FailedError` where that cannot be. */
  write(text: string | Uint8Array): Promise<void>;
  /** Tells a person something besides: what was taken for what, what is left to do. */
  tell(text: string): void;
  /** Whether a person watches what is told. */
  readonly isWatched: boolean;
  /** Fires at Ctrl+C. */
  readonly signal: AbortSignal;
}

/** The terminal of this process: its output, and its errors for what is told besides. */
export function processTerminal(): Terminal {
  const interruption = new AbortController();
  // Once: who presses it again ends the process at once.
  process.once("SIGINT", () => {
    interruption.abort();
  });
  // Who reads has seen enough, as `head` has. What else fails is told by the write.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });
  // Nobody can be told of that.
  process.stderr.on("error", () => undefined);
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(unwritten(error));
        });
      }),
    tell: (text) => {
      process.stderr.write(`${text}\n`);
    },
    isWatched: process.stderr.isTTY,
    signal: interruption.signal,
  };
}

/** All commands write of what they have done when it is done. */
function unwritten({ code, message }: NodeJS.ErrnoException): FailedError {
  return new FailedError(
    `the output cannot be written (${code ?? message}): what stands there is not whole; what was to be done besides is done`,
  );
}
