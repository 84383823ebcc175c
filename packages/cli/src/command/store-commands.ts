import { quote } from "@zspine/core";
import { restoreStore, type TraceDescription } from "@zspine/store";
import { TemporalTrace } from "@zspine/temporal";
import { FailedError, onCommandLine } from "../console/failure.ts";
import { Progress } from "../console/progress.ts";
import type { Terminal } from "../console/terminal.ts";
import { counted, grouped, textTable } from "../console/text-table.ts";
import { checkApart, findOrMakePlace, findPlace, findReadPlace, type BackendName } from "../place/place.ts";
import { openToRead, type RecoverOption } from "../place/read-store.ts";
import { openPlace, openStored } from "../place/stored-traces.ts";

/** What is common to commands that are about a whole store. */
export interface StoreCommandOptions {
  readonly backend?: BackendName | undefined;
  readonly json?: boolean | undefined;
}

/** A trace as `zspine stats` tells of it. */
interface ToldTrace extends TraceDescription {
  readonly since?: number;
  /** `null` where all times are complete. */
  readonly upper?: number | null;
}

/** What is common to commands that read a whole store. */
export type ReadStoreOptions = StoreCommandOptions & RecoverOption;

/** Tells what a store holds: `zspine stats LOCATION`. */
export async function statsCommand(
  terminal: Terminal,
  location: string,
  { backend, json, recover }: ReadStoreOptions,
): Promise<void> {
  const place = await findReadPlace(location, backend);
  await using store = await openToRead(terminal, place, { recover });
  const traces: ToldTrace[] = [];
  for (const name of store.traces) {
    const description = store.describe(name);
    const trace = description.kind === "temporal" ? await openStored(store, description) : undefined;
    if (!(trace instanceof TemporalTrace)) traces.push(description);
    else {
      const { since, upper } = trace;
      traces.push({ ...description, since, upper: Number.isFinite(upper) ? upper : null });
    }
  }
  const { token, metadata } = store;
  const { storedBytes, backend: statistics } = store.stats();
  if (json === true) {
    const told = { location, backend: place.backend, token, metadata, storedBytes, statistics, traces };
    await terminal.write(`${JSON.stringify(told)}\n`);
    return;
  }
  const rows = traces.map(
    ({ name, kind, rows: count, totalWeight, batches, storedBytes: bytes, fingerprint }) => [
      name,
      kind ?? "",
      ...[count, totalWeight, batches, bytes].map(grouped),
      fingerprint,
    ],
  );
  await terminal.write(
    `${place.backend} at ${quote(location)}, commit ${token}, ${grouped(storedBytes)} bytes stored\n` +
      `metadata ${JSON.stringify(metadata)}\n\n` +
      textTable(["trace", "kind", "rows", "weight", "batches", "bytes", "schema"], rows) +
      traces.map(tellTimes).join("") +
      tellStatistics(statistics),
  );
}

function tellTimes({ name, since, upper }: ToldTrace): string {
  if (since === undefined) return "";
  const from = since === Number.MIN_SAFE_INTEGER ? "the first" : String(since);
  const none = upper === Number.MIN_SAFE_INTEGER;
  const until = none ? "none is complete" : upper === null ? "all are complete" : `complete below ${upper}`;
  return `times of ${name}: can be read from ${from} on, ${until}\n`;
}

/** What the backend has asked of its medium, where it counts that. */
function tellStatistics(statistics: Readonly<Record<string, number>> | undefined): string {
  if (statistics === undefined) return "";
  const rows = Object.entries(statistics).map(([name, count]) => [name, grouped(count)]);
  return `\n${textTable(["asked of the medium", "until now"], rows)}`;
}

/** Checks every byte of a store: `zspine verify LOCATION`. */
export async function verifyCommand(
  terminal: Terminal,
  location: string,
  { backend, json, recover }: ReadStoreOptions,
): Promise<void> {
  await using store = await openToRead(terminal, await findReadPlace(location, backend), { recover });
  using progress = new Progress(terminal, "checking");
  const { storedBytes } = store.stats();
  const report = await store.verify({
    signal: terminal.signal,
    onProgress: ({ bytes, blocks }) => {
      progress.at(bytes, storedBytes, `${grouped(blocks)} blocks`);
    },
  });
  progress.end();
  if (json === true) await terminal.write(`${JSON.stringify(report)}\n`);
  else {
    const { rows, batches, blocks, bytes } = report;
    for (const { message, code } of report.problems) terminal.tell(`${onCommandLine(message)} (${code})`);
    const found = report.isSound ? "sound" : counted(report.problems.length, "problem");
    await terminal.write(
      `${found}: ${counted(rows, "row")}, ${counted(batches, "batch", "batches")}, ${counted(blocks, "block")}, ${counted(bytes, "byte")}\n`,
    );
  }
  if (!report.isSound)
    throw new FailedError(
      `the store at ${quote(location)} is damaged; restore a backup into an empty directory: zspine restore BACKUP DIRECTORY`,
    );
}

/** Merges every trace into as few batches as may be: `zspine compact LOCATION`. */
export async function compactCommand(
  terminal: Terminal,
  location: string,
  { backend, json }: StoreCommandOptions,
): Promise<void> {
  await using store = await openPlace(await findPlace(location, backend), { readOnly: false });
  const names = store.traces;
  const before = names.map((name) => store.describe(name));
  // What nobody has opened is not merged.
  for (const description of before) await openStored(store, description);
  using progress = new Progress(terminal, "merging");
  const batchesBefore = sum(before.map(({ batches }) => batches));
  await store.compact({
    signal: terminal.signal,
    onProgress: ({ batches }) => {
      progress.at(batchesBefore - batches, batchesBefore, `${grouped(batches)} batches`);
    },
  });
  await store.flush({ signal: terminal.signal });
  progress.end();
  const after = names.map((name) => store.describe(name));
  if (json === true) await terminal.write(`${JSON.stringify({ before, after })}\n`);
  else
    await terminal.write(
      `${counted(batchesBefore, "batch", "batches")} became ${grouped(sum(after.map(({ batches }) => batches)))}; ` +
        `${counted(sum(before.map(({ rows }) => rows)), "row")} became ${grouped(sum(after.map(({ rows }) => rows)))}\n`,
    );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** What `zspine backup` and `zspine restore` are told. */
export interface CopyCommandOptions extends StoreCommandOptions {
  /** The kind of the copy; by default that of what is copied. */
  readonly to?: BackendName | undefined;
}

/** Copies a store that may be written to meanwhile: `zspine backup LOCATION DIRECTORY`. */
export async function backupCommand(
  terminal: Terminal,
  location: string,
  target: string,
  { backend, to, json, recover }: CopyCommandOptions & RecoverOption,
): Promise<void> {
  const place = await findReadPlace(location, backend);
  const copy = await findOrMakePlace(target, to, place.backend);
  await checkApart(place, copy);
  await using store = await openToRead(terminal, place, { recover });
  using progress = new Progress(terminal, "copying");
  await store.backup(copy.opener, {
    signal: terminal.signal,
    onProgress: ({ values, valuesTotal, bytes }) => {
      progress.at(values, valuesTotal, `${grouped(bytes)} bytes`);
    },
  });
  progress.end();
  await tellCopied(
    terminal,
    { from: location, to: target, backend: copy.backend, commit: store.token },
    json,
  );
}

/** Copies a backup to where a store is to be: `zspine restore BACKUP LOCATION`. */
export async function restoreCommand(
  terminal: Terminal,
  backup: string,
  location: string,
  { backend, to, json }: CopyCommandOptions,
): Promise<void> {
  const place = await findReadPlace(backup, backend);
  const restored = await findOrMakePlace(location, to, place.backend);
  await checkApart(place, restored);
  using progress = new Progress(terminal, "restoring");
  await restoreStore({
    from: place.opener,
    to: restored.opener,
    signal: terminal.signal,
    onProgress: ({ values, valuesTotal, bytes }) => {
      progress.at(values, valuesTotal, `${grouped(bytes)} bytes`);
    },
  });
  progress.end();
  await tellCopied(terminal, { from: backup, to: location, backend: restored.backend }, json);
}

async function tellCopied(
  terminal: Terminal,
  copied: { readonly from: string; readonly to: string; readonly backend: string; readonly commit?: number },
  json: boolean | undefined,
): Promise<void> {
  if (json === true) await terminal.write(`${JSON.stringify(copied)}\n`);
  else {
    const commit = copied.commit === undefined ? "" : `, commit ${copied.commit}`;
    await terminal.write(
      `copied ${quote(copied.from)}${commit} to ${quote(copied.to)} (${copied.backend})\n`,
    );
  }
}
