import type { Head, HeadTrace } from "./head.ts";
import { sortByName, type KnownTable, type ManifestEdit } from "./manifest-edit.ts";
import { encodeTable, type TableEntries } from "./table.ts";

/** Bytes of traces that a head itself may hold, however little has changed. */
export const INLINE_BYTES = 4096;

/**
 * What the newest head says of all traces, kept so that the next costs what has changed, whatever the number of
 * traces. The traces that changed last stand in the head itself; the others in a few immutable **tables**, of which a
 * younger one hides what older ones say of the same name.
 *
 * When what stands in the head takes more than {@link INLINE_BYTES}, and more than twice what this commit has
 * changed, it becomes a table. Going from the youngest on, tables of at most twice the entries that have come
 * together so far are taken into it. So each table that is left has more than twice the entries of the one before
 * it, and N names take at most 1 + log₂ N of them.
 *
 * **Cost.** Over n changes of N names the tables that are written have at most n · (5 + log₁.₂₅ N) entries, in
 * whatever order traces change. For say that each change brings its entry that many credits, and one pays for
 * writing it first. Taking a table of t entries in, when a ≥ t/2 have come together, costs t and leaves u.
 * Where u ≥ 1.25 t, each of the t lies in a table that has grown by a quarter since, or is gone: it gives a credit,
 * which it can log₁.₂₅ N times. Where u < 1.25 t, then a + t − u > t/4 entries have vanished, hidden by younger
 * ones: each gives its last four. Round robin costs about n · log₂ N.
 */
export class Manifest {
  private known: Map<string, HeadTrace> = new Map();
  private inline: ReadonlyMap<string, number> = new Map();
  private tables: readonly KnownTable[] = [];
  private readonly nextId: () => string;

  /**
   * @param head The newest head, with what its tables tell, youngest first.
   * @param nextId Names the next table.
   */
  constructor(head: Head | undefined, entries: readonly TableEntries[], nextId: () => string) {
    this.nextId = nextId;
    if (head !== undefined) this.takeNewer(head, entries);
  }

  /** Takes over what a head says that another has made, with what its tables tell, youngest first. */
  takeNewer(head: Head, entries: readonly TableEntries[]): void {
    this.known = tracesOf(head, entries);
    this.tables = head.tables.map((table, at) => ({ head: table, names: namesOf(entries[at]!) }));
    this.inline = new Map([
      ...head.traces.map((trace) => [trace.name, sizeOf(trace.name, trace)] as const),
      ...head.dropped.map((name) => [name, sizeOf(name, undefined)] as const),
    ]);
  }

  /** The traces as the newest head names them. */
  get traces(): ReadonlyMap<string, HeadTrace> {
    return this.known;
  }

  /** Works out what the next head says when `changed` traces are as given and `dropped` ones gone. Changes nothing yet. */
  plan(changed: readonly HeadTrace[], dropped: readonly string[]): ManifestEdit {
    const changes = new Map<string, HeadTrace | undefined>(dropped.map((name) => [name, undefined]));
    for (const trace of changed) changes.set(trace.name, trace);
    const inline = new Map(this.inline);
    let changedBytes = 0;
    for (const [name, trace] of changes) {
      const bytes = sizeOf(name, trace);
      changedBytes += bytes;
      if (trace !== undefined || isNamedBy(this.tables, name)) inline.set(name, bytes);
      else inline.delete(name);
    }
    let inlineBytes = 0;
    for (const bytes of inline.values()) inlineBytes += bytes;
    if (inlineBytes > Math.max(INLINE_BYTES, 2 * changedBytes)) return this.planTable(changes, inline);
    const entries = this.entriesOf(inline.keys(), changes, () => true);
    const tables = this.tables.map(({ head }) => head);
    return { ...entries, tables, written: undefined, changes, inline, known: this.tables };
  }

  /** Takes an edit over, when the head that says it is there. No other may have been taken over since it was planned. */
  apply({ changes, inline, known }: ManifestEdit): void {
    this.tables = known;
    this.inline = inline;
    for (const [name, trace] of changes) {
      if (trace === undefined) this.known.delete(name);
      else this.known.set(name, trace);
    }
  }

  /** Puts all that stands in the head into a table, together with the younger tables. */
  private planTable(changes: ManifestEdit["changes"], inline: ReadonlyMap<string, number>): ManifestEdit {
    const names = new Set(inline.keys());
    let merged = 0;
    for (const table of this.tables) {
      if (table.names.size > 2 * names.size) break;
      for (const name of table.names) names.add(name);
      merged++;
    }
    const left = this.tables.slice(merged);
    const entries = this.entriesOf(names, changes, (name) => isNamedBy(left, name));
    const isEmpty = entries.traces.length + entries.dropped.length === 0;
    const written = isEmpty ? undefined : encodeTable(this.nextId(), entries);
    const known = written === undefined ? left : [{ head: written.head, names: namesOf(entries) }, ...left];
    const tables = known.map(({ head }) => head);
    return { traces: [], dropped: [], tables, written, changes, inline: new Map(), known };
  }

  /** What is to be said of names: of those that are gone, only where it `matters`. */
  private entriesOf(
    names: Iterable<string>,
    changes: ManifestEdit["changes"],
    matters: (name: string) => boolean,
  ): TableEntries {
    const traces: HeadTrace[] = [];
    const dropped: string[] = [];
    for (const name of [...names].sort()) {
      const trace = changes.has(name) ? changes.get(name) : this.known.get(name);
      if (trace !== undefined) traces.push(trace);
      else if (matters(name)) dropped.push(name);
    }
    return { traces, dropped };
  }
}

/** Makes a head that names its traces itself, without tables. */
export function wholeHead(head: Head, traces: Iterable<HeadTrace>): Head {
  return { ...head, tables: [], traces: sortByName(traces), dropped: [] };
}

/** Adds up what a head and its tables, youngest first, say of the traces. */
export function tracesOf(head: Head, entries: readonly TableEntries[]): Map<string, HeadTrace> {
  const traces = new Map<string, HeadTrace>();
  // Oldest first, so that what is younger comes after what it hides.
  for (const { traces: told, dropped } of [head, ...entries].reverse()) {
    for (const name of dropped) traces.delete(name);
    for (const trace of told) traces.set(trace.name, trace);
  }
  return traces;
}

function namesOf({ traces, dropped }: TableEntries): Set<string> {
  return new Set([...traces.map(({ name }) => name), ...dropped]);
}

function isNamedBy(tables: readonly KnownTable[], name: string): boolean {
  return tables.some(({ names }) => names.has(name));
}

/**
 * Bytes that a trace takes in a head, or the name of one that is gone, about. Not by writing it, which each commit does once
 * more: a batch takes 150 to 190 bytes, and a mark 40 to 60.
 */
function sizeOf(name: string, trace: HeadTrace | undefined): number {
  if (trace === undefined) return name.length + 3;
  const { fingerprint, kinds, kind, batches, held } = trace;
  const told = kind === null ? 4 : JSON.stringify(kind).length;
  return (
    name.length + fingerprint.length + kinds.length + told + 140 + batches.length * 180 + held.length * 60
  );
}
