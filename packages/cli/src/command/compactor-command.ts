import { quote, type BackendOpener } from "@zspine/core";
import { runCompactor } from "@zspine/store";
import { temporalLenses } from "@zspine/temporal";
import { FailedError, UsageError } from "../console/failure.ts";
import type { Terminal } from "../console/terminal.ts";
import { counted, grouped } from "../console/text-table.ts";
import { findReadPlace } from "../place/place.ts";

/** What `zspine compactor` is told. */
export interface CompactorCommandOptions {
  readonly once?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly poll: number;
}

/** Makes merges for the writers of stores, until Ctrl+C: `zspine compactor LOCATION…`. */
export async function compactorCommand(
  terminal: Terminal,
  locations: readonly string[],
  options: CompactorCommandOptions,
): Promise<void> {
  const stores = await Promise.all(
    locations.map(async (location) => ({ location, backend: await backendAt(location) })),
  );
  const { json = false, once = false, poll: pollMs } = options;
  const failure = new AbortController();
  const signal = AbortSignal.any([terminal.signal, failure.signal]);
  const what = stores.length === 1 ? "1 store" : `${stores.length} stores`;
  const until = once ? "now" : "until Ctrl+C";
  terminal.tell(`makes merges of ${what} ${until}, where the writer was opened with compactors()`);
  const writes: Promise<void>[] = [];
  const tally = new Tally();
  const write = (told: Told): void => {
    tally.add(told);
    writes.push(terminal.write(`${json ? JSON.stringify(told) : textOf(told)}\n`));
  };
  const working = stores.map(async ({ location, backend }) => {
    try {
      await runCompactor({
        backend,
        signal,
        once,
        pollMs,
        lenses: [temporalLenses],
        onMerge: (merged) => write({ location, ...merged }),
        onLeave: ({ error, ...left }) =>
          write({ location, ...left, left: error?.message ?? "not waited for" }),
      });
    } catch (error) {
      // The others end with it, so that whoever looks after this process learns of it.
      failure.abort();
      const told = error instanceof Error ? error.message : String(error);
      throw new FailedError(
        `${quote(location)}: ${told}; ${tally.text}. Nothing is lost; run the command again`,
        {
          cause: error,
        },
      );
    }
  });
  const ended = await Promise.allSettled(working);
  await Promise.all(writes);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  terminal.tell(
    `${tally.text}${terminal.signal.aborted ? "; what is left to be merged, the writers make" : ""}`,
  );
}

/** What is told of a merge: that it was made, or why it was left. */
interface Told {
  readonly location: string;
  readonly trace: string;
  readonly inputs: number;
  readonly bytes?: number;
  readonly left?: string;
}

/** Counts what is told. */
class Tally {
  private made = 0;
  private left = 0;

  add({ left }: Told): void {
    if (left === undefined) this.made++;
    else this.left++;
  }

  get text(): string {
    const left = this.left === 0 ? "" : `, and left ${this.left} to the writers`;
    return `made ${counted(this.made, "merge")}${left}`;
  }
}

function textOf({ bytes, inputs, left, location, trace }: Told): string {
  const what = `${inputs} batches of ${quote(trace)}`;
  if (left !== undefined) return `${location}: left ${what} to the writer: ${left}`;
  return `${location}: merged ${what} to ${grouped(bytes!)} bytes`;
}

/** The backend at a location. @throws `FailedError`, `UsageError`, as {@link findReadPlace}. */
async function backendAt(location: string): Promise<BackendOpener> {
  const { backend, opener } = await findReadPlace(location);
  if (backend !== "level") return opener;
  throw new UsageError(
    `${quote(location)} is kept by LevelDB, which one process has open at a time: its writer makes all merges itself; a compactor needs a store in files or in object storage`,
  );
}
