import { run } from "./run.ts";

const interruption = new AbortController();
// Only once: a second Ctrl+C ends the process at once, as it does without this.
process.once("SIGINT", () => {
  interruption.abort();
});

// A reader that has enough, as `head` has, closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2), {
  output: process.stdout,
  errors: process.stderr,
  signal: interruption.signal,
});
