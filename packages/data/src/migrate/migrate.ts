import { quote, refused, throwIfAborted, ZspineError } from "@zspine/core";
import { checkMade } from "@zspine/core/engine";
import type { Store } from "@zspine/store";
import { checkTraceOf, environmentOf } from "@zspine/store/trace-kind";
import { changeOf, type Change } from "../commit/change.ts";
import { GOES_ON } from "../commit/progress.ts";
import { commitTogether } from "../commit/commit-together.ts";
import { Gathering } from "../commit/gathering.ts";
import { Slices } from "../commit/slices.ts";
import { isTarget, isTimed, storedTarget } from "../commit/target.ts";
import { MoveRecord, textOf, type Told } from "../record/move-record.ts";
import { runNamed } from "../record/named-work.ts";
import { checkMigrate, type MigrateOptions, type MigrationReport } from "./migrate-options.ts";
import type { StoredMigration } from "./migration-state.ts";
import type { Move, MovedRow } from "./move.ts";
import { SourceRows, type SourceRow } from "./source-rows.ts";
import { Sources } from "./sources.ts";

/**
 * Moves traces of one store to those of another, or of the same: to another backend, another schema, other keys. Each row of a
 * source goes to its target as it is, or as what the function of its {@link move} makes of it, with its weight; between
 * temporal traces at its time, after which the target can be read as of the same times. The sources stay as they are.
 *
 * It reads what one commit has made last, which it holds under a name until it has ended, whatever is committed meanwhile; and
 * writes in commits of `commitEvery` rows, of which each has, in a row of the target's record, how far it is. So whoever was
 * killed, at whatever moment, makes the same call again: it goes on there, no row is lost, and none is there twice. One that
 * has ended does nothing. Takes memory for the rows of a commit, whatever there is.
 *
 * ```ts
 * await migrate(old, store, [
 *   move(oldOrders, orders, (id, { name }) => ({ key: BigInt(id), value: { customer: name } })),
 *   move(oldPrices, prices),
 * ], { name: "to version 2" });
 * ```
 *
 * What is given up for good is let go of by `from.release("migration to version 2")`.
 *
 * @throws (rejects with) `ZSPINE_CONFLICT` for a target that has rows, a name that was another migration's, and one that is under
 *   way; `ZSPINE_TIME_PASSED` where what it was of is not held any more; the error of a row that does not fit its target, which
 *   names the key; what the functions throw; `ZSPINE_ABORTED`; as `store.hold()` and `store.commit()`. What was committed before
 *   stays, and the same call goes on from there.
 */
export async function migrate(
  from: Store,
  to: Store,
  moves: readonly Move[],
  options: MigrateOptions,
): Promise<MigrationReport> {
  const checked = checkMigrate(options);
  const listed = checkMoves(from, to, moves);
  const { name, signal } = checked;
  throwIfAborted(signal, "migrate");
  return runNamed(to, "migration", name, async () => {
    const record = await MoveRecord.open(to);
    const told = await record.read<StoredMigration>("migration", name);
    const definition = definitionOf(listed);
    const isOther =
      told.state?.definition !== definition ||
      told.state.targets.some((target, at) => !isTarget(listed[at]!.to, target));
    if (told.state !== undefined && isOther) throw otherMoves(name);
    if (told.state?.stage !== "done") {
      const migration = new Migration(from, to, listed, checked, record, told);
      return migration.run(definition);
    }
    // Whoever was killed after its last commit has not let go of what was held.
    await Sources.release(from, name, listed);
    const { rows, written, source } = told.state;
    return { rows, written, source, token: to.token, wasDone: true };
  });
}

/** A migration under way. */
class Migration {
  private readonly from: Store;
  private readonly to: Store;
  private readonly moves: readonly Move[];
  private readonly options: MigrateOptions;
  private readonly record: MoveRecord;
  private told: Told<StoredMigration>;
  private pending: Change[] = [];
  private gathering: Gathering<unknown, unknown> | undefined;
  private rows = 0;
  private written = 0;

  constructor(
    from: Store,
    to: Store,
    moves: readonly Move[],
    options: MigrateOptions,
    record: MoveRecord,
    told: Told<StoredMigration>,
  ) {
    this.from = from;
    this.to = to;
    this.moves = moves;
    this.options = options;
    this.record = record;
    this.told = told;
  }

  async run(definition: string): Promise<MigrationReport> {
    const { from, moves, options, told } = this;
    const { name, metadata } = options;
    if (told.state === undefined) await this.checkTargets();
    const sources =
      told.state === undefined
        ? await Sources.begin(from, name, moves)
        : await Sources.resume(from, name, moves, told.state);
    try {
      if (told.state === undefined) {
        const { source, times } = sources;
        const position = { at: 0, isBaseDone: false, skip: 0 };
        const start = { definition, source, times, position, targets: [], rows: 0, written: 0 };
        await this.commit({ ...start, stage: "moving" });
      }
      const begun = this.told.state!;
      this.rows = begun.rows;
      this.written = begun.written;
      if (begun.stage === "moving") await this.moveAll(sources);
      // Only now, for what is said of times cannot be taken back.
      this.sayTimes();
      const token = await this.commit({ ...this.told.state!, stage: "done" }, metadata);
      const { rows, written, source } = this.told.state!;
      const report = { rows, written, source, token, wasDone: false };
      await Sources.release(from, name, moves);
      return report;
    } finally {
      sources.close();
    }
  }

  /** @throws `ZSPINE_CONFLICT` for a target that has rows. */
  private async checkTargets(): Promise<void> {
    if (this.options.mayHaveRows === true) return;
    for (const { to } of this.moves) {
      const isEmpty = to.size === 0 || (!isTimed(to) && (await to.count()).rows === 0);
      if (isEmpty) continue;
      const message =
        `migrate: the trace ${quote(to.name)} has rows, to which others would be added; ` +
        "move to an empty one, or pass { mayHaveRows: true }; nothing was done";
      throw new ZspineError("ZSPINE_CONFLICT", message);
    }
  }

  private async moveAll(sources: Sources): Promise<void> {
    const { moves, options, to } = this;
    const { commitEvery = COMMIT_ROWS, signal } = options;
    const slices = new Slices(environmentOf(to));
    const { position } = this.told.state!;
    for (let at = position.at; at < moves.length; at++) {
      const one = moves[at]!;
      const start = at === position.at ? position : { at, isBaseDone: false, skip: 0 };
      const source = new SourceRows(one, sources.commit, sources.times[at]!, start, signal);
      this.gathering = new Gathering(one.to);
      for await (const row of source.rows()) {
        this.take(one, row);
        if (this.gatheredRows >= commitEvery) await this.commitPart(source.position(at), one);
        if (slices.step()) {
          await slices.rest();
          throwIfAborted(signal, "migrate", GOES_ON);
        }
      }
      this.pending.push(this.gathering);
      this.gathering = undefined;
    }
    await this.commitPart({ at: moves.length, isBaseDone: false, skip: 0 }, undefined, "moved");
  }

  private get gatheredRows(): number {
    return this.written - this.told.state!.written;
  }

  private take(one: Move, { key, value, weight, time }: SourceRow): void {
    this.rows++;
    const made = one.map === undefined ? { key, value } : one.map(key, value, time);
    if (made === undefined) return;
    for (const row of Array.isArray(made)
      ? (made as readonly MovedRow<unknown, unknown>[])
      : [made as MovedRow<unknown, unknown>]) {
      try {
        this.put(one, row, weight, time);
      } catch (cause) {
        if (!(cause instanceof Error) || !("code" in cause)) throw cause;
        const { code, message, path } = cause as ZspineError;
        throw new ZspineError(
          code,
          `migrate: the row of key ${quote(key)} of ${quote(one.from.name)}, to ${quote(one.to.name)}: ${message}`,
          { cause, path },
        );
      }
      this.written++;
    }
  }

  private put(one: Move, row: MovedRow<unknown, unknown>, weight: number, time: number | undefined): void {
    checkMade(row, ["map"], ROW_NAMES, "a row { key, value }, several in an array, or undefined");
    const { key, value, weight: times = 1, time: own = isTimed(one.to) ? time : undefined } = row;
    if (isTimed(one.to) || own === undefined) this.gathering!.push(key, value, weight * times, own);
    else throw refused(["map", "time"], "none, for the target has no times", own);
  }

  private async commitPart(
    position: StoredMigration["position"],
    one: Move | undefined,
    stage: StoredMigration["stage"] = "moving",
  ): Promise<void> {
    const { rows, written } = this;
    const targets = this.moves.map(({ to }) => storedTarget(to));
    await this.commit({ ...this.told.state!, position, targets, rows, written, stage });
    this.gathering = one === undefined ? undefined : new Gathering(one.to);
    this.options.onProgress?.({ rows, written, committedRows: written, trace: one?.to.name });
  }

  /** Commits what was gathered with where to go on. */
  private async commit(state: StoredMigration, metadata?: MigrateOptions["metadata"]): Promise<number> {
    const { record, options, told, to, pending, gathering } = this;
    const { name, durability, signal } = options;
    const text = textOf(state);
    const changes = [
      ...pending,
      ...(gathering === undefined ? [] : [gathering]),
      changeOf(record.trace, record.change("migration", name, told.text, text)),
    ];
    const token = await commitTogether(to, changes, { durability, signal, metadata }, () =>
      record.has("migration", name, text),
    );
    this.told = { state, text };
    this.pending = [];
    return token;
  }

  /** Has targets that have times say what their sources do: what is complete, and what is folded. */
  private sayTimes(): void {
    this.moves.forEach(({ to }, at) => {
      const times = this.told.state!.times[at]!;
      if (times === null || !isTimed(to)) return;
      if (to.upper <= times.until) to.advance(times.until + 1);
      if (times.since > to.since) to.advanceSince(times.since);
    });
  }
}

const COMMIT_ROWS = 65_536;
const ROW_NAMES = ["key", "value", "weight", "time"];

/** Gives the moves as they were given. @throws `ZSPINE_INVALID_OPTIONS`. */
function checkMoves(from: Store, to: Store, moves: unknown): readonly Move[] {
  const form = "write migrate(from, to, [move(old, new)], { name })";
  if (!Array.isArray(moves) || moves.length === 0)
    throw refused(["migrate", "moves"], "an array of moves", moves, form);
  const listed = [...(moves as Move[])];
  listed.forEach((one, at) => {
    if (typeof one?.text !== "string") throw refused(["migrate", "moves", at], "a move", one, form);
    checkTraceOf(from, one.from, "migrate.from");
    checkTraceOf(to, one.to, "migrate.to");
    const isTwice = listed.findIndex((other) => other.to === one.to) < at;
    if (isTwice || listed.some((other) => other.from === one.to))
      throw refused(
        ["migrate", "moves", at],
        "traces that nothing else is moved to, or from",
        one.to.name,
        "a trace is moved to once, and another than it is moved from",
      );
    if (isTimed(one.to) && !isTimed(one.from) && one.map === undefined)
      throw refused(
        ["migrate", "moves", at],
        "a function that gives a time",
        undefined,
        "rows of the source have none: move(from, to, (key, value) => ({ key, value, time }))",
      );
  });
  return listed;
}

function definitionOf(moves: readonly Move[]): string {
  return JSON.stringify(
    moves.map(({ from, to, text }) => [
      from.name,
      from.layout.fingerprint,
      to.name,
      to.layout.fingerprint,
      text,
    ]),
  );
}

function otherMoves(name: string): ZspineError {
  const message =
    `migrate: the migration ${quote(name)} was of other traces, columns or functions, or its targets were made anew since, and some of its rows are in; ` +
    "go on with what it was of, or begin anew with another name, into traces that are empty; nothing was done";
  return new ZspineError("ZSPINE_CONFLICT", message, { path: ["migrate", "name"] });
}
