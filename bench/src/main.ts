import { runCommand } from "./command/command.ts";

// Whoever interrupts a run gets no data left behind, and no process that goes on.
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));

process.exitCode = await runCommand(process.argv.slice(2), {
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
  signal: interrupted.signal,
});
