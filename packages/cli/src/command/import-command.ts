import { isZspineError, quote } from "@zspine/core";
import { importNdjson, type BadRow, type ImportOptions, type ImportReport } from "@zspine/data";
import type { Store } from "@zspine/store";
import { TemporalTrace } from "@zspine/temporal";
import { FailedError, InterruptedError, UsageError } from "../console/failure.ts";
import { Progress } from "../console/progress.ts";
import type { Terminal } from "../console/terminal.ts";
import { counted, grouped } from "../console/text-table.ts";
import {
  checkColumns,
  hasUnsaidWeights,
  openSource,
  proposeSchema,
  type OpenedSource,
} from "../input/import-plan.ts";
import { columnsOf, fieldsOf, type PartNames } from "../input/row-names.ts";
import { findSource, type SourceFile, type SourceOptions } from "../input/source-file.ts";
import { SAMPLE_RECORDS, TableLines, type TableFault } from "../input/table-source.ts";
import { DEFAULT_BACKEND, findOrMakePlace, type BackendName, type Place } from "../place/place.ts";
import { chooseTrace, openPlace, openStored, openTrace, type AnyTrace } from "../place/stored-traces.ts";
import { parseSchemas, type ParsedSchemas } from "../schema/schema-parser.ts";

/** What `zspine import` is told. */
export interface ImportCommandOptions extends SourceOptions, PartNames {
  readonly backend?: BackendName | undefined;
  readonly trace?: string | undefined;
  readonly schema?: string | undefined;
  readonly flat?: boolean | undefined;
  readonly ignoreUnknown?: boolean | undefined;
  readonly onBadRow: "refuse" | "skip";
  readonly create?: boolean | undefined;
  readonly name?: string | undefined;
  readonly commitEvery?: number | undefined;
  readonly completeUntil?: number | undefined;
  readonly json?: boolean | undefined;
}

const BAD_SHOWN = 20;

/** A broken row as a person is told of it. */
interface BrokenRow {
  readonly number: number;
  readonly message: string;
  readonly text: string;
}

/** A file that was opened, and the place that it is for: nothing was done yet. */
interface Prepared {
  readonly file: SourceFile;
  readonly opened: OpenedSource;
  readonly place: Place;
  readonly given: ParsedSchemas | undefined;
  /** What the file itself proposes for a schema. */
  readonly proposal: string | Error | undefined;
  /** How many bytes of the file were read. */
  bytes(): number;
}

/** Imports a file into a trace: `zspine import LOCATION FILE`. */
export async function importCommand(
  terminal: Terminal,
  location: string,
  path: string,
  options: ImportCommandOptions,
): Promise<void> {
  checkParts(options);
  const prepared = await prepare(location, path, options);
  const { place, given, proposal } = prepared;
  if (place.isMissing) {
    if (proposal instanceof Error) throw proposal;
    if (options.trace === undefined) throw noName();
  }
  const proposed = typeof proposal === "string" ? parseSchemas(proposal) : undefined;
  const store = await openPlace(place, { readOnly: false, more: given ?? proposed });
  let hasCommitted = false;
  try {
    await runImport(terminal, store, prepared, options);
    hasCommitted = true;
  } finally {
    hasCommitted ||= store.token > 0;
    await store.close();
    // What was made for rows that did not come is taken away.
    if (place.isMissing && !hasCommitted) await place.opener.drop();
  }
}

async function prepare(location: string, path: string, options: ImportCommandOptions): Promise<Prepared> {
  const given = options.schema === undefined ? undefined : parseSchemas(options.schema);
  const file = await findSource(path, options);
  const place = await findOrMakePlace(location, options.backend, DEFAULT_BACKEND);
  let bytes = 0;
  const opened = await openSource(file, options.flat === true, (read) => {
    bytes = read;
  });
  const proposal = given === undefined ? proposalOf(opened, options) : undefined;
  return { file, opened, place, given, proposal, bytes: () => bytes };
}

async function runImport(
  terminal: Terminal,
  store: Store,
  prepared: Prepared,
  options: ImportCommandOptions,
): Promise<void> {
  const { file, opened } = prepared;
  const name = nameOf(store, options.trace);
  const trace = await openOrMake(terminal, store, name, prepared, options);
  checkTimes(trace, options);
  using progress = new Progress(terminal, "importing");
  const broken: BrokenRow[] = [];
  let faults = 0;
  let committedRows = 0;
  const onBroken = (row: BrokenRow): void => {
    if (broken.length < BAD_SHOWN) broken.push(row);
  };
  const common: ImportOptions = {
    name: options.name,
    commitEvery: options.commitEvery,
    signal: terminal.signal,
    onProgress: ({ rows, lines, committedRows: committed }) => {
      committedRows = committed;
      progress.at(
        file.size === undefined ? lines : prepared.bytes(),
        file.size ?? lines,
        `${grouped(rows)} rows`,
      );
    },
  };
  const running = {
    common,
    options,
    fileName: file.name,
    onBroken,
    onFault: (fault: TableFault) => {
      faults++;
      onBroken({ ...fault, text: "" });
    },
  };
  const report = await importOpened(store, trace, opened, running).catch((error: unknown) => {
    throw isZspineError(error, "ZSPINE_ABORTED") ? interrupted(file.name, options, committedRows) : error;
  });
  progress.end();
  await completeUntil(store, trace, options.completeUntil);
  const unit = opened.kind === "table" ? opened.table.unit : "line";
  await tellImported(terminal, trace, { report, broken, badRows: report.badRows + faults, unit }, options);
}

/** Opens the trace that rows go into, or makes it by the schema that was given, or is proposed. */
async function openOrMake(
  terminal: Terminal,
  store: Store,
  name: string,
  { given, opened, proposal }: Prepared,
  options: ImportCommandOptions,
): Promise<AnyTrace> {
  if (store.has(name)) {
    const description = store.describe(name);
    if (given === undefined) return openStored(store, description);
    return openTrace(store, name, given, description.kind === "temporal");
  }
  checkMayCreate(store, name, options.create === true);
  if (proposal instanceof Error) throw proposal;
  if (proposal !== undefined) terminal.tell(tellProposal(proposal, hasUnsaidWeights(opened, options)));
  return openTrace(store, name, given ?? parseSchemas(proposal!), options.time !== undefined, true);
}

/** What came of an import. */
interface Imported {
  readonly report: ImportReport;
  readonly broken: readonly BrokenRow[];
  readonly badRows: number;
  readonly unit: string;
}

async function tellImported(
  terminal: Terminal,
  trace: AnyTrace,
  { report, broken, badRows, unit }: Imported,
  options: ImportCommandOptions,
): Promise<void> {
  const { name, layout } = trace;
  if (options.json === true) {
    const { rows, committedRows, token, wasDone } = report;
    const schema = layout.fingerprint;
    const told = { trace: name, schema, rows, committedRows, badRows, bad: broken, token, wasDone };
    await terminal.write(`${JSON.stringify(told)}\n`);
  } else {
    for (const row of broken) terminal.tell(`${unit} ${row.number}: ${row.message}`);
    if (badRows > broken.length) terminal.tell(`… and ${grouped(badRows - broken.length)} more`);
    await terminal.write(`${tellReport(report, name, badRows)}\n`);
  }
  if (trace instanceof TemporalTrace && options.completeUntil === undefined && report.rows > 0)
    terminal.tell(tellIncomplete(trace));
}

/** The schema that the file itself proposes; an error where it does none, which is of matter for a new trace only. */
function proposalOf(opened: OpenedSource, options: ImportCommandOptions): string | Error {
  try {
    return proposeSchema(opened, options);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

function nameOf(store: Store, given: string | undefined): string {
  if (given !== undefined) return given;
  if (store.traces.length === 0) throw noName();
  return chooseTrace(store, undefined).name;
}

function noName(): UsageError {
  return new UsageError("say what the trace is to be called: --trace NAME");
}

/** A mistyped name in a store that holds others would make another trace. */
function checkMayCreate(store: Store, name: string, isAsked: boolean): void {
  if (isAsked || store.traces.length === 0) return;
  try {
    store.describe(name);
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; to make it, add --create`);
  }
}

interface Running {
  readonly common: ImportOptions;
  readonly options: ImportCommandOptions;
  readonly fileName: string;
  onBroken(row: BrokenRow): void;
  onFault(fault: TableFault): void;
}

async function importOpened(
  store: Store,
  trace: AnyTrace,
  opened: OpenedSource,
  running: Running,
): Promise<ImportReport> {
  const { common, options, fileName, onBroken, onFault } = running;
  const isTimed = trace instanceof TemporalTrace;
  const isFlat = opened.kind === "table" || opened.isFlat;
  const fields = fieldsOf(trace, options, { isFlat, isTimed });
  const unknown = options.ignoreUnknown === true ? ("ignore" as const) : ("refuse" as const);
  const refuse = (unit: string, number: number, message: string): FailedError => {
    const why = reasonOf(message);
    return new FailedError(
      `${fileName}, ${unit} ${number}: ${why}. Nothing was imported; to leave such rows out, add --on-bad-row skip`,
    );
  };
  const isSkipping = options.onBadRow === "skip";
  let recordOf = (line: number): { number: number; text: string } => ({ number: line, text: "" });
  let unit = "line";
  const onBadRow = isSkipping
    ? (bad: BadRow): void => {
        const { number, text } = recordOf(bad.number);
        onBroken({
          number,
          message: reasonOf(bad.message),
          text: text || bad.text,
        });
      }
    : ("refuse" as const);
  const settings = { ...common, fields, unknown, onBadRow };
  try {
    if (opened.kind === "lines")
      return await importNdjson(store, trace, opened.source.pieces(), { ...settings, flat: isFlat });
    const { table } = opened;
    const columns = columnsOf(trace, fields);
    const isFixed = new Set([options.weight ?? ""]);
    checkColumns(table, columns, { isFixed, ignoresUnknown: options.ignoreUnknown === true });
    const lines = new TableLines(table, columns);
    recordOf = (line) => lines.recordOf(line);
    ({ unit } = table);
    const takeFault = (fault: TableFault): void => {
      if (!isSkipping) throw refuse(table.unit, fault.number, fault.message);
      onFault(fault);
    };
    return await importNdjson(store, trace, lines.pieces(takeFault), { ...settings, flat: true });
  } catch (error) {
    const [of, line] = isZspineError(error) ? error.path : [];
    if (of !== "line" || typeof line !== "number") throw error;
    throw refuse(unit, recordOf(line).number, ((error as Error).cause as Error).message);
  }
}

/** Why a row was refused, as a library says it, in the words of the command. */
function reasonOf(message: string): string {
  return message
    .replace(/; nothing was (done|applied)$/, "")
    .replace(
      'import with { unknown: "ignore" } to pass over such fields',
      "to pass over such fields, add --ignore-unknown",
    );
}

/** What is committed in parts goes on by its name, and cannot be refused as a whole any more. */
function checkParts({ commitEvery, name, onBadRow }: ImportCommandOptions): void {
  if (commitEvery === undefined || (name !== undefined && onBadRow === "skip")) return;
  throw new UsageError(
    "--commit-every needs --name NAME, by which the same command goes on when it was killed, and --on-bad-row skip, " +
      "for a broken row could not undo what was committed before it",
  );
}

/** Times are for traces that have them. */
function checkTimes(trace: AnyTrace, { time, completeUntil: until }: ImportCommandOptions): void {
  if (trace instanceof TemporalTrace || (time === undefined && until === undefined)) return;
  const option = time === undefined ? "--complete-until" : "--time";
  throw new UsageError(
    `${option} is for traces that have times, and ${quote(trace.name)} has none; leave it out, or import into a new trace with --time COLUMN`,
  );
}

/** Says of a temporal trace that the times up to one are complete: with the last that there is, all. */
async function completeUntil(store: Store, trace: AnyTrace, time: number | undefined): Promise<void> {
  if (time === undefined || !(trace instanceof TemporalTrace) || trace.upper > time) return;
  if (time === Number.MAX_SAFE_INTEGER) trace.finish();
  else trace.advance(time + 1);
  await store.commit();
}

/** What is left of an import that was stopped: nothing, unless it has a name and has committed on the way. */
function interrupted(
  fileName: string,
  { name }: ImportCommandOptions,
  committedRows: number,
): InterruptedError {
  const left =
    name === undefined
      ? `nothing of ${fileName} was imported: run the same command again`
      : `the ${grouped(committedRows)} rows of ${fileName} that are committed stay: run the same command again, with the same --name, and it goes on after that`;
  return new InterruptedError(`stopped by Ctrl+C; ${left}`);
}

function tellProposal(text: string, hasWeights: boolean): string {
  const weights = hasWeights
    ? "\nthe column weight says how often each row is there; where it is a value, name all that are: --value name,weight"
    : "";
  return `no schema was given; taken from the first rows (${grouped(SAMPLE_RECORDS)} at the most): ${text}${weights}\nfor another, add --schema '…' to a first import: the schema of a trace stays`;
}

function tellReport({ rows, token, wasDone }: ImportReport, name: string, badRows: number): string {
  if (wasDone)
    return `an import of this --name had ended before: nothing was done, and what it brought, ${counted(rows, "row")}, is in ${quote(name)}`;
  const out = badRows === 0 ? "" : `; ${counted(badRows, "broken row was", "broken rows were")} left out`;
  return `imported ${counted(rows, "row")} into ${quote(name)}, commit ${token}${out}`;
}

function tellIncomplete(trace: TemporalTrace<unknown, unknown>): string {
  const { lastComplete } = trace;
  const upTo = lastComplete === undefined ? "no time is" : `times up to ${lastComplete} are`;
  return `${upTo} complete, and only those are read: when no more rows of a time T come, import with --complete-until T`;
}
