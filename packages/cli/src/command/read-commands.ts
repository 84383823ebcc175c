import { quote } from "@zspine/core";
import type { RowSource } from "@zspine/data";
import type { TemporalTrace } from "@zspine/temporal";
import { FailedError, UsageError } from "../console/failure.ts";
import type { Terminal } from "../console/terminal.ts";
import { showRows } from "../output/row-lines.ts";
import { findReadPlace, type BackendName } from "../place/place.ts";
import { openToRead, type RecoverOption } from "../place/read-store.ts";
import { checkTemporal, chooseTrace, openStored, type AnyTrace } from "../place/stored-traces.ts";
import { keyOf, rangeOf, type RangeTexts } from "../schema/key-text.ts";

/** What is common to commands that read a trace. */
export interface TraceCommandOptions extends RecoverOption {
  readonly backend?: BackendName | undefined;
  readonly trace?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Opens a trace that is there, to be read only, for as long as something is done with it. */
export async function withTrace(
  terminal: Terminal,
  location: string,
  { backend, trace: name, recover }: TraceCommandOptions,
  use: (trace: AnyTrace) => Promise<void>,
): Promise<void> {
  await using store = await openToRead(terminal, await findReadPlace(location, backend), { recover });
  await use(await openStored(store, chooseTrace(store, name)));
}

/** Shows the rows of one key: `zspine get LOCATION KEY`. */
export async function getCommand(
  terminal: Terminal,
  location: string,
  text: string,
  options: TraceCommandOptions,
): Promise<void> {
  await withTrace(terminal, location, options, async (trace) => {
    const key = keyOf(trace.layout, text, "KEY");
    using source = await currentRows(trace);
    const rows = await showRows(terminal, source.rows, { range: { gte: key, lte: key }, json: options.json });
    if (rows === 0) terminal.tell(`trace ${quote(trace.name)} holds nothing of the key ${text}`);
  });
}

/** Shows rows in the order of their keys: `zspine scan LOCATION`. */
export async function scanCommand(
  terminal: Terminal,
  location: string,
  options: TraceCommandOptions & RangeTexts,
): Promise<void> {
  await withTrace(terminal, location, options, async (trace) => {
    const range = rangeOf(trace.layout, options);
    using source = await currentRows(trace);
    await showRows(terminal, source.rows, { range, json: options.json });
  });
}

/** Shows rows as of a time: `zspine as-of LOCATION TIME`. */
export async function asOfCommand(
  terminal: Terminal,
  location: string,
  time: number,
  options: TraceCommandOptions & RangeTexts,
): Promise<void> {
  await withTrace(terminal, location, options, async (found) => {
    const trace = checkTemporal(found, "as-of");
    const range = rangeOf(trace.layout, options);
    checkComplete(trace, time);
    using reader = await trace.asOf(time);
    await showRows(terminal, reader, { range, json: options.json });
  });
}

/** Between which times changes are shown. */
export interface BetweenOptions {
  readonly after?: number | undefined;
  readonly until?: number | undefined;
  readonly net?: boolean | undefined;
}

/** Shows what has changed between two times: `zspine changes LOCATION`. */
export async function changesCommand(
  terminal: Terminal,
  location: string,
  options: TraceCommandOptions & RangeTexts & BetweenOptions,
): Promise<void> {
  await withTrace(terminal, location, options, async (found) => {
    const trace = checkTemporal(found, "changes");
    const range = rangeOf(trace.layout, options);
    const { after = trace.since, until = lastTime(trace), net = false } = options;
    if (until < after)
      throw new UsageError(
        options.until === undefined
          ? `--after ${after} is beyond the last time that is complete, which is ${until}`
          : `--until ${until} is before --after ${after}; changes are those after one time and up to another`,
      );
    checkComplete(trace, until);
    using reader = net
      ? await trace.changes({ after, until, net: true })
      : await trace.changes({ after, until, net: false });
    await showRows(terminal, reader as RowSource<unknown, unknown>, { range, json: options.json });
  });
}

/** @throws `FailedError` for a time that is not complete, which a command can neither make so nor wait for. */
function checkComplete(trace: TemporalTrace<unknown, unknown>, time: number): void {
  const { lastComplete, name, upper } = trace;
  if (time < upper) return;
  const found = lastComplete === undefined ? "no time is complete yet" : `times up to ${lastComplete} are`;
  throw new FailedError(
    `trace ${quote(name)} cannot be read as of ${time}: ${found}; who writes it says what is complete, as zspine import --complete-until TIME does (ZSPINE_TIME_AHEAD)`,
  );
}

function lastTime(trace: TemporalTrace<unknown, unknown>): number {
  const { lastComplete } = trace;
  if (lastComplete !== undefined) return lastComplete;
  throw new UsageError(`no time of ${quote(trace.name)} is complete yet, so nothing has changed`);
}

/** The rows of a trace as they are now: of one with times as of the last that is complete. */
async function currentRows(
  trace: AnyTrace,
): Promise<Disposable & { readonly rows: RowSource<unknown, unknown> }> {
  if ("asOf" in trace) {
    const rows = await trace.asOf();
    return { rows, [Symbol.dispose]: () => rows.close() };
  }
  return { rows: trace, [Symbol.dispose]: () => undefined };
}
