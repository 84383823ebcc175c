import { isZspineError, ZspineError, type Backend, type StoredHead } from "@zspine/core";
import { fetchChecked, placeOfBlock } from "../block/stored-bytes.ts";
import { decodeHead } from "../head/decode-head.ts";
import { checksumOfHead, type Head } from "../head/head.ts";
import { ORIGIN } from "../head/loan-name.ts";
import type { TableEntries } from "../head/table.ts";
import { fileOfTable, storedBytesOf } from "../tier/batch-file.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import { MAIL_PREFIX } from "../mail/mailbox.ts";
import { describeBatch } from "../tier/batch-names.ts";
import { WARM_PREFIX } from "../tier/warm-list.ts";
import { atOnce, both } from "./at-once.ts";
import { chooseHead, lostHead } from "./choose-head.ts";
import { filesOf, type DormantTrace } from "./dormant-trace.ts";
import { readFirstRound, type FirstRound } from "./first-round.ts";
import { WHAT_TO_DO } from "./found-batch.ts";
import { HeadReader, type FoundBatches } from "./head-reader.ts";
import type { Recovered } from "./recovered.ts";

/** How to go about it. */
export interface RecoverOptions {
  readonly isReadOnly: boolean;
  /** What to do about a newest head that is damaged. */
  readonly recover: "never" | "previous";
}

/**
 * Finds the state of a store in its backend: reads the newest head and the index of every batch that it
 * names, checks that all their values are there, and removes what no kept head names. Takes four rounds: the head and
 * the listing; its tables, and the head before; its indexes, and the tables of the head before; the other
 * indexes of the head before. A shared backend is not listed, but asked whether it is the place of a clone; and of the head
 * before nothing more is read, for
 * nothing can be removed before a head of this writer has told others that they are out.
 *
 * @param batches Batches that were found before, and are not read again; those that are found are added.
 * @param first The first round, where it has been read already.
 * @throws (rejects with) `ZSPINE_CORRUPT` when the head, a table or an index is damaged, or a value is missing;
 *   `ZSPINE_FORMAT` when another version wrote them; what the backend fails with.
 */
export async function recover(
  backend: Backend,
  options: RecoverOptions,
  batches?: FoundBatches,
  first?: FirstRound,
): Promise<Recovered> {
  const { shared } = backend.capabilities;
  const { stored, names } = first ?? (await readFirstRound(backend));
  if (stored !== undefined && names.includes(ORIGIN)) throw borrowing(backend);
  if (stored === undefined) return conclude(backend, options, names, { newest: 0 });
  const newest = stored.newest ?? stored.number;
  const finder = new StateFinder(backend, shared ? undefined : new Set(names), newest, batches);
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

/**
 * Finds the state of a head that was read as the newest just now, in two rounds, and nothing besides: neither the head
 * before nor what else is there. Of a relaxed one it is not looked whether it has survived a power cut.
 *
 * @throws (rejects with) as {@link recover}.
 */
export async function recoverNewest(
  backend: Backend,
  stored: StoredHead | undefined,
  batches: FoundBatches,
): Promise<Recovered> {
  const how = { isReadOnly: true, recover: "never" } as const;
  if (stored === undefined) return conclude(backend, how, [], { newest: 0 });
  const { number, newest = number } = stored;
  if (newest > number) throw lostHead(newest, number);
  const state = await new StateFinder(backend, undefined, newest, batches).find(stored, NONE_SYNCED);
  return conclude(backend, how, [], { newest, state });
}

/** Makes the error for the place of a clone that is opened as if it had all of its values. */
function borrowing({ type }: Backend): ZspineError {
  return new ZspineError(
    "ZSPINE_FORMAT",
    `the store in the backend ${JSON.stringify(type)} is a clone, and has not all that it is made of: open it with ` +
      "backend: clone({ of: …, into: … }) of @zspine/store, with the place of its source as of and this one as into",
  );
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
  readonly tables: readonly TableEntries[];
  readonly loans: ReadonlyMap<string, StoredFile>;
  readonly previous: PreviousState;
  readonly problems: readonly string[];
}

/** Finds the state that a head names. */
class StateFinder {
  private readonly backend: Backend;
  private readonly present: ReadonlySet<string> | undefined;
  private readonly newest: number;
  private readonly batches: FoundBatches | undefined;

  constructor(
    backend: Backend,
    present: ReadonlySet<string> | undefined,
    newest: number,
    batches: FoundBatches | undefined,
  ) {
    this.batches = batches;
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
    const head = decodeHead(bytes, number);
    const reader = new HeadReader(this.backend, this.present, this.batches);
    // Of what comes before a head that others have come after, nothing is kept any more. Nor of one that was committed
    // relaxed, before another one: the power cut that this one has survived may have torn it.
    const isKept = this.newest <= number && number - 1 <= synced;
    const [{ loans, tables, traces }, previous] = await both(
      findNamed(reader, head),
      isKept ? this.findPrevious(reader, head) : Promise.resolve(NO_PREVIOUS),
    );
    return { head, bytes, traces, tables, loans, previous, problems: previous.problems };
  }

  /** Finds what the head before names besides, so that it stays whole as long as it is kept. */
  private async findPrevious(reader: HeadReader, head: Head): Promise<PreviousState> {
    // It follows none, or one that was passed over: that is no state to go back to.
    if (head.previous === 0) return NO_PREVIOUS;
    const problems: string[] = [];
    const files: StoredFile[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_CORRUPT") && !isZspineError(error, "ZSPINE_FORMAT")) throw error;
        if (problems.length > 1) return;
        problems.push(`head ${head.number - 1}, kept to go back to, cannot be used: ${error.message}`);
      }
    };
    // Damaged or not, it is for `verify()` to look at.
    let stored: StoredHead | undefined;
    await attempt(async () => {
      stored = await this.backend.readHead(head.number - 1);
      if (stored === undefined) return;
      const previous = decodeHead(stored.bytes, stored.number);
      if (head.previous !== checksumOfHead(stored.bytes)) {
        problems.push(
          `head ${head.number} does not follow head ${previous.number}: that is not the one it was made after`,
        );
      }
      if (this.present === undefined) return;
      files.push(...previous.tables.map(fileOfTable));
      files.push(...(await reader.loans(previous)).values());
      const { traces } = await reader.traces(previous);
      const batches = [...traces.values()].flatMap(({ name, batches: named }) =>
        named.map((batch) => ({ name, batch })),
      );
      await atOnce(batches, ({ name, batch }) =>
        attempt(async () => {
          files.push((await reader.batch(name, batch)).file);
        }),
      );
    });
    return { head: stored, files, problems };
  }

  /** Names of the batches of a head, as far as it can be read. */
  private async idsOf(number: number): Promise<ReadonlySet<string>> {
    try {
      const stored = await this.backend.readHead(number);
      if (stored === undefined) return new Set();
      const { traces } = await new HeadReader(this.backend).traces(decodeHead(stored.bytes, number));
      return new Set([...traces.values()].flatMap(({ batches }) => batches.map(({ id }) => id)));
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT")) throw error;
      return new Set();
    }
  }

  /** Reads the blocks of batches that nothing has synced. @throws `ZSPINE_CORRUPT`. */
  private async checkBlocks({ traces }: FoundState, durable: ReadonlySet<string>): Promise<void> {
    for (const { file, index } of traces.flatMap(({ batches }) => batches)) {
      if (durable.has(file.head.id)) continue;
      const context = { where: `${describeBatch(file.trace, file.head.id)}, a block`, advice: WHAT_TO_DO };
      for (const entry of index.entries)
        await fetchChecked(this.backend, placeOfBlock(index.values, entry), context);
    }
  }
}

async function findNamed(
  reader: HeadReader,
  head: Head,
): Promise<Pick<FoundState, "loans" | "traces" | "tables">> {
  const [{ tables, traces }, loans] = await both(reader.traces(head), reader.loans(head));
  return { loans, tables, traces: await reader.dormant(traces.values()) };
}

/** The head before, and what it names. */
interface PreviousState {
  readonly head: StoredHead | undefined;
  readonly files: readonly StoredFile[];
  readonly problems: readonly string[];
}

/** Before all heads. */
const NONE_SYNCED = -1;

const NO_PREVIOUS: PreviousState = { head: undefined, files: [], problems: [] };

/** Removes what nobody needs, and reports. */
async function conclude(
  backend: Backend,
  { isReadOnly }: RecoverOptions,
  names: readonly string[],
  { newest, state: found, problems = [] }: Outcome,
): Promise<Recovered> {
  const traces = found?.traces ?? [];
  const previous = found?.previous ?? NO_PREVIOUS;
  const batches = filesOf(traces);
  const files = [...batches, ...(found?.head.tables ?? []).map(fileOfTable)];
  const loans = found?.loans ?? new Map<string, StoredFile>();
  const used = new Set([...files, ...loans.values(), ...previous.files].flatMap(({ values }) => values));
  const isOrphan = (name: string): boolean =>
    !used.has(name) && !name.startsWith(WARM_PREFIX) && !name.startsWith(MAIL_PREFIX);
  const orphans = names.filter(isOrphan);
  const number = found?.head.number ?? 0;
  const passedOver = newest > number ? newest : undefined;
  // What a head that was passed over names is evidence, until the next opening.
  const removes = isReadOnly || passedOver !== undefined ? [] : orphans;
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
    tables: found?.tables ?? [],
    loans,
    previous: previous.files,
    names: [...new Set([...names, ...used])],
    report: {
      head: number,
      passedOver,
      traces: traces.length,
      batches: batches.length,
      rows: batches.reduce((rows, { head }) => rows + head.rows, 0),
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
