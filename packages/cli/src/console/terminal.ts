import { once } from "node:events";

/** Where a command writes to, and what ends it. */
export interface Terminal {
  /** Writes what was asked for; resolves when more can be taken. */
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
  // Who reads has seen enough, as `head` has.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    write: async (text) => {
      if (!process.stdout.write(text)) await once(process.stdout, "drain");
    },
    tell: (text) => {
      process.stderr.write(`${text}\n`);
    },
    isWatched: process.stderr.isTTY,
    signal: interruption.signal,
  };
}
