import { isZspineError, ZspineError, type Backend, type StoredHead } from "@zspine/core";
import { crc32 } from "../block/crc32.ts";
import { checksumOfHead, decodeHead, type Head, type HeadBatch } from "../head/head.ts";
import { describeBatch, storedBytesOf, type BatchFile } from "../stored/batch-file.ts";
import { chooseHead, lostHead } from "./choose-head.ts";
import { filesOf, type DormantTrace } from "./dormant-trace.ts";
import { findBatch, missingValue, WHAT_TO_DO, type FoundBatch } from "./found-batch.ts";

/** What was found when a store was opened, and what was done about it. */
export interface RecoveryReport {
  /** The number of the head that the store was opened at; 0 for a new store. */
  readonly head: number;
  /**
   * The newest head, where it was passed over: damaged or missing, with `recover: "previous"`; or committed
   * `relaxed`, and not survived by all of it.
   */
  readonly passedOver: number | undefined;
  readonly traces: number;
  readonly batches: number;
  readonly rows: number;
  /** Bytes of the values that the batches lie in. */
  readonly storedBytes: number;
  /** Values that no kept head names: what a writer left that did not come to its commit. */
  readonly orphans: number;
  /** How many of them were removed at once: none when the store is read only, or shared, or a head was passed over. */
  readonly orphansRemoved: number;
  /** What is not as it should be, though nothing of the state is lost by it. */
  readonly problems: readonly string[];
}

/** How to go about it. */
export interface RecoverOptions {
  readonly isReadOnly: boolean;
  /** What to do about a newest head that is damaged. */
  readonly recover: "never" | "previous";
}

/** A store as it was found in its backend. */
export interface Recovered {
  /** The state to go on from; `undefined` for a new store. */
  readonly head: Head | undefined;
  /** The checksum of that head; 0 when the next head has none to follow. */
  readonly checksum: number;
  /** The number of the newest head that is or was there. */
  readonly newest: number;
  readonly traces: readonly DormantTrace[];
  /** What the head before names, for as long as it is kept. */
  readonly previous: readonly BatchFile[];
  /** The head of the state and, where it is there, the one before it. */
  readonly heads: readonly StoredHead[];
  /** Names of all values that are there. */
  readonly names: readonly string[];
  /** Names of those that no kept head names and that are to be removed once a head is made: see `conclude`. */
  readonly orphans: readonly string[];
  readonly report: RecoveryReport;
}

/** What is found where nothing can be. */
export const NEW_STORE: Recovered = {
  head: undefined,
  checksum: 0,
  newest: 0,
  traces: [],
  heads: [],
  previous: [],
  names: [],
  orphans: [],
  report: {
    head: 0,
    passedOver: undefined,
    traces: 0,
    batches: 0,
    rows: 0,
    storedBytes: 0,
    orphans: 0,
    orphansRemoved: 0,
    problems: [],
  },
};

/**
 * Finds the state of a store in its backend: reads the newest head and the index of every batch that it
 * names, checks that all their values are there, and removes what no kept head names.
 *
 * @throws (rejects with) `ZSPINE_CORRUPT` when the head or an index is damaged, or a value is missing;
 *   `ZSPINE_FORMAT` when a newer version wrote them; what the backend fails with.
 */
export async function recover(backend: Backend, options: RecoverOptions): Promise<Recovered> {
  const names: string[] = [];
  for await (const name of backend.list("")) names.push(name);
  const stored = await backend.readHead();
  if (stored === undefined) return conclude(backend, options, names, { newest: 0 });
  const newest = stored.newest ?? stored.number;
  const finder = new StateFinder(backend, new Set(names), newest);
  try {
    if (newest > stored.number) throw lostHead(newest, stored.number);
    return await conclude(backend, options, names, await finder.findSurviving(stored));
  } catch (error) {
    if (options.recover !== "previous" || !isZspineError(error, "ZSPINE_CORRUPT")) throw error;
    const last = stored.synced ?? stored.number;
    const before = newest > stored.number ? stored : await backend.readHead(last - 1);
    if (before === undefined) throw nothingBefore(stored, error);
    return await conclude(backend, options, names, { newest, state: await finder.find(before) });
  }
}

/** What the choice of a head has come to: no state in a new store, or where no relaxed head has survived. */
interface Outcome {
  readonly newest: number;
  readonly state?: FoundState | undefined;
  /** Why heads were passed over. */
  readonly problems?: readonly string[];
}

/** A state that a head names, all of whose indexes are sound and all of whose values are there. */
interface FoundState {
  readonly head: Head;
  readonly bytes: Uint8Array;
  readonly traces: readonly DormantTrace[];
  readonly previous: PreviousState;
  readonly problems: readonly string[];
}

/** Finds the state that a head names. */
class StateFinder {
  private readonly backend: Backend;
  private readonly present: ReadonlySet<string>;
  private readonly newest: number;

  constructor(backend: Backend, present: ReadonlySet<string>, newest: number) {
    this.backend = backend;
    this.present = present;
    this.newest = newest;
  }

  /** Finds the state of the newest head that has survived. */
  async findSurviving(stored: StoredHead): Promise<Outcome> {
    const { number, synced = number } = stored;
    const durable = synced < number ? await this.idsOf(synced) : undefined;
    const { state, problems } = await chooseHead(this.backend, stored, async (head, isSynced) => {
      const found = await this.find(head, synced);
      if (!isSynced) await this.checkBlocks(found, durable!);
      return found;
    });
    return { newest: this.newest, state, problems };
  }

  /** @param synced The newest head that is known to be durable. */
  async find({ number, bytes }: StoredHead, synced = Infinity): Promise<FoundState> {
    const { backend, present, newest } = this;
    const head = decodeHead(bytes, number);
    const known = new Map<string, FoundBatch>();
    const traces: DormantTrace[] = [];
    for (const trace of head.traces) {
      const batches = await Promise.all(
        trace.batches.map((batch) => findWhole(backend, trace.name, batch, present)),
      );
      for (const batch of batches) known.set(batch.file.head.id, batch);
      traces.push({ head: trace, batches });
    }
    // Of what comes before a head that others have come after, nothing is kept any more.
    if (newest > number) return { head, bytes, traces, previous: NO_PREVIOUS, problems: [] };
    const problems: string[] = [];
    // Nor of one that was committed relaxed, before another one: the power cut that this one has survived may have torn it.
    if (number - 1 > synced) return { head, bytes, traces, previous: NO_PREVIOUS, problems };
    const previous = await findPrevious(backend, head, known, present, problems);
    return { head, bytes, traces, previous, problems };
  }

  /** Names of the batches of a head, as far as it can be read. */
  private async idsOf(number: number): Promise<ReadonlySet<string>> {
    try {
      const stored = await this.backend.readHead(number);
      const traces = stored === undefined ? [] : decodeHead(stored.bytes, number).traces;
      return new Set(traces.flatMap(({ batches }) => batches.map(({ id }) => id)));
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT")) throw error;
      return new Set();
    }
  }

  /** Reads the blocks of batches that nothing has synced. @throws `ZSPINE_CORRUPT`. */
  private async checkBlocks({ traces }: FoundState, durable: ReadonlySet<string>): Promise<void> {
    for (const { file, index } of traces.flatMap(({ batches }) => batches)) {
      if (durable.has(file.head.id)) continue;
      for (const { value, offset, length, checksum } of index.entries) {
        const bytes = await this.backend.get(index.values[value]!, { offset, length });
        if (bytes !== undefined && crc32(bytes, 0, length) === checksum) continue;
        throw new ZspineError(
          "ZSPINE_CORRUPT",
          `${describeBatch(file.trace, file.head.id)}: a block fails its checksum; ${WHAT_TO_DO}`,
        );
      }
    }
  }
}

/** The head before, and what it names. */
interface PreviousState {
  readonly head: StoredHead | undefined;
  readonly files: readonly BatchFile[];
}

const NO_PREVIOUS: PreviousState = { head: undefined, files: [] };

/** Removes what nobody needs, and reports. */
async function conclude(
  backend: Backend,
  { isReadOnly }: RecoverOptions,
  names: readonly string[],
  { newest, state: found, problems = [] }: Outcome,
): Promise<Recovered> {
  const traces = found?.traces ?? [];
  const previous = found?.previous ?? NO_PREVIOUS;
  const files = filesOf(traces);
  const used = new Set([...files, ...previous.files].flatMap(({ values }) => values));
  const orphans = names.filter((name) => !used.has(name));
  const number = found?.head.number ?? 0;
  const passedOver = newest > number ? newest : undefined;
  // What a head that was passed over names is evidence, until the next opening.
  const removable = isReadOnly || passedOver !== undefined ? [] : orphans;
  // What nobody names may be what another writer is about to, where there can be one: a head tells it that it is out.
  const { shared } = backend.capabilities;
  const removes = shared ? [] : removable;
  if (removes.length > 0) await backend.write(removes.map((name) => ({ type: "remove", name })));
  return {
    head: found?.head,
    checksum: found === undefined || passedOver !== undefined ? 0 : checksumOfHead(found.bytes),
    newest,
    heads:
      found === undefined
        ? []
        : [
            { number: found.head.number, bytes: found.bytes },
            ...(previous.head === undefined ? [] : [previous.head]),
          ],
    traces,
    previous: previous.files,
    names,
    orphans: shared ? removable : [],
    report: {
      head: number,
      passedOver,
      traces: traces.length,
      batches: files.length,
      rows: files.reduce((rows, { head }) => rows + head.rows, 0),
      storedBytes: storedBytesOf(files),
      orphans: orphans.length,
      orphansRemoved: removes.length,
      problems: [...problems, ...(found?.problems ?? [])],
    },
  };
}

function nothingBefore(stored: StoredHead, cause: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_CORRUPT",
    `head ${stored.number} is damaged and there is no head before it to go back to; restore a backup`,
    { cause },
  );
}

/** Reads the index of a batch, and checks that its values are among those that are there. */
async function findWhole(
  backend: Backend,
  trace: string,
  head: HeadBatch,
  present: ReadonlySet<string>,
): Promise<FoundBatch> {
  const batch = await findBatch(backend, trace, head);
  const missing = batch.file.values.find((name) => !present.has(name));
  if (missing !== undefined) throw missingValue(trace, head.id, missing);
  return batch;
}

/** Finds what the head before names besides, so that it stays whole as long as it is kept. */
async function findPrevious(
  backend: Backend,
  head: Head,
  known: ReadonlyMap<string, FoundBatch>,
  present: ReadonlySet<string>,
  problems: string[],
): Promise<PreviousState> {
  // It follows none, or one that was passed over: that is no state to go back to.
  if (head.previous === 0) return NO_PREVIOUS;
  const files: BatchFile[] = [];
  let stored: StoredHead | undefined;
  try {
    stored = await backend.readHead(head.number - 1);
    if (stored === undefined) return NO_PREVIOUS;
    const previous = decodeHead(stored.bytes, stored.number);
    if (head.previous !== checksumOfHead(stored.bytes)) {
      problems.push(
        `head ${head.number} does not follow head ${previous.number}: that is not the one it was made after`,
      );
    }
    for (const trace of previous.traces) {
      for (const batch of trace.batches) {
        const file = known.get(batch.id)?.file;
        files.push(file ?? (await findWhole(backend, trace.name, batch, present)).file);
      }
    }
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CORRUPT") && !isZspineError(error, "ZSPINE_FORMAT")) throw error;
    problems.push(`head ${head.number - 1}, kept to go back to, cannot be used: ${error.message}`);
  }
  // Damaged or not, for `verify()` to look at.
  return { head: stored, files };
}
