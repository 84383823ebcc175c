import { loadavg } from "node:os";
import type { Figures, LeftOut, RowResult } from "../report/result.ts";
import { idOf, type Row } from "../suite/row.ts";
import type { Answers } from "../workload/answers.ts";
import { Contestant, Void, type Start } from "./contestant.ts";
import { median, spreadOf } from "./statistics.ts";

/** How long to measure. */
export interface Effort {
  /** Runs that are not counted, so that code has been optimised; and seconds to go on with them. */
  readonly warmUpRuns: number;
  readonly warmUpSeconds: number;
  /** Counted runs of each, as many more as fit in `seconds`, but not above `runsMost`. */
  readonly runs: number;
  readonly runsMost: number;
  readonly seconds: number;
  /** After which a contestant that does not answer is left out. */
  readonly patience: number;
}

/** What a contest needs of the world. */
export interface Ring {
  /** How a contestant is started for a row; a text where it cannot be, which says why. */
  start(name: string, row: Row): Start | string;
  /** The naive answers for a row; its workload is there then. */
  answersOf(row: Row): Answers;
  readonly effort: Effort;
  readonly signal?: AbortSignal | undefined;
}

/** A report of a run, as a contestant gives it. */
type Report = Readonly<Record<string, number>> & {
  readonly wall: number;
  readonly cpu: number;
  readonly answer: number;
};

const LOAD_DIGITS = 2;

/** Lets contestants play rows against each other. */
export class Contest {
  private readonly ring: Ring;
  private readonly playing = new Map<string, Contestant>();
  private readonly prepared = new Map<string, LeftOut | undefined>();
  private scene: string | undefined;

  constructor(ring: Ring) {
    this.ring = ring;
  }

  /**
   * Plays one row. Whoever cannot be started, is wrong, fails or keeps silent is left out, with the reason; the others
   * go on.
   */
  async play(row: Row): Promise<RowResult> {
    const scene = row.scene === undefined ? undefined : `${row.scene}, ${row.kind}, ${row.n}`;
    if (scene === undefined || scene !== this.scene) await this.endAll();
    this.scene = scene;
    const load = Number(loadavg()[0]!.toFixed(LOAD_DIGITS));
    const answers = this.ring.answersOf(row);
    const match = new Match(row, answers, this.ring);
    await Promise.all(row.contestants.map((name) => match.attempt(name, () => this.prepare(name, row))));
    if (row.fresh === undefined) await this.playWarm(match);
    else await this.playFresh(match, row.fresh);
    this.ring.signal?.throwIfAborted();
    const { part, title, work, kind, n } = row;
    const units = typeof row.units === "number" ? row.units : row.units(answers);
    const { checksum } = answers;
    const contestants = match.figures();
    if (scene === undefined) await this.endAll();
    return { id: idOf(row), part, title, work, kind, n, units, checksum, load, contestants };
  }

  /** Ends all processes. */
  async endAll(): Promise<void> {
    const all = [...this.playing.values()];
    this.playing.clear();
    await Promise.all(all.map((contestant) => contestant.end()));
  }

  private async prepare(name: string, row: Row): Promise<void> {
    const { prepare, kind, n } = row;
    if (prepare === undefined) return;
    const what = `${name} ${prepare} ${kind} ${n}`;
    if (!this.prepared.has(what)) {
      const contestant = this.startOne(name, row);
      try {
        await contestant.ask(`open ${prepare} ${kind} ${n}`, this.ring.effort.patience);
        await contestant.ask("run", this.ring.effort.patience);
        this.prepared.set(what, undefined);
      } catch (error) {
        if (!(error instanceof Void)) throw error;
        this.prepared.set(what, { void: error.message });
      } finally {
        await contestant.end();
      }
    }
    const failure = this.prepared.get(what);
    if (failure !== undefined) throw new Void(failure.void);
  }

  private startOne(name: string, row: Row): Contestant {
    const start = this.ring.start(name, row);
    if (typeof start === "string") throw new Void(start);
    return new Contestant(name, start, this.ring.signal);
  }

  /** All in processes of their own that stay: they open, are checked, warm up, and then run by turns. */
  private async playWarm(match: Match): Promise<void> {
    const { warmUpRuns, warmUpSeconds, patience } = this.ring.effort;
    const { row } = match;
    await match.each("at once", async (name) => {
      let contestant = this.playing.get(name);
      if (contestant === undefined) this.playing.set(name, (contestant = this.startOne(name, row)));
      await contestant.ask(`open ${match.workOf(name)} ${row.kind} ${row.n}`, patience);
      if (row.check === undefined) return;
      const { check } = await contestant.ask("check", patience);
      match.hold(check, row.check(match.answers), "checked");
    });
    await match.each("one by one", async (name) => {
      const from = performance.now();
      for (let run = 0; run < warmUpRuns || performance.now() - from < warmUpSeconds * 1e3; run++)
        await match.run(this.playing.get(name)!);
      this.playing.get(name)!.forgetPeak();
    });
    await match.takeTurns(async (name) => {
      const contestant = this.playing.get(name)!;
      match.note(name, await match.run(contestant), contestant.peakBytes());
    });
    for (const name of row.contestants.filter((one) => match.isOut(one))) {
      await this.playing.get(name)?.kill();
      this.playing.delete(name);
    }
  }

  /** Each run in a process that has done nothing before. */
  private async playFresh(match: Match, times: number): Promise<void> {
    const { row } = match;
    await match.takeTurns(async (name) => {
      const contestant = this.startOne(name, row);
      await contestant.ask(`open ${match.workOf(name)} ${row.kind} ${row.n}`, this.ring.effort.patience);
      let report: Report | undefined;
      for (let time = 0; time < times; time++) report = await match.run(contestant);
      match.note(name, report!, contestant.peakBytes());
      await contestant.end();
    });
  }
}

/** One row being played. */
class Match {
  readonly row: Row;
  readonly answers: Answers;
  private readonly effort: Effort;
  private readonly out = new Map<string, string>();
  private readonly reports = new Map<string, Report[]>();
  private readonly peaks = new Map<string, number>();

  constructor(row: Row, answers: Answers, { effort }: Ring) {
    this.row = row;
    this.answers = answers;
    this.effort = effort;
  }

  isOut(name: string): boolean {
    return this.out.has(name);
  }

  workOf(name: string): string {
    return this.row.ways?.[name] ?? this.row.work;
  }

  /** Does something with a contestant, which is left out where that fails. */
  async attempt(name: string, step: () => Promise<void>): Promise<void> {
    if (this.isOut(name)) return;
    try {
      await step();
    } catch (error) {
      if (!(error instanceof Void)) throw error;
      this.out.set(name, error.message);
    }
  }

  async each(how: "at once" | "one by one", step: (name: string) => Promise<void>): Promise<void> {
    const { contestants } = this.row;
    if (how === "at once") await Promise.all(contestants.map((name) => this.attempt(name, () => step(name))));
    else for (const name of contestants) await this.attempt(name, () => step(name));
  }

  /** Lets each have a turn, and again; who is first changes each time. */
  async takeTurns(turn: (name: string) => Promise<void>): Promise<void> {
    const { runs, runsMost, seconds } = this.effort;
    const least = this.row.runs ?? runs;
    const { contestants } = this.row;
    const from = performance.now();
    const isEnough = (run: number): boolean =>
      run >= least && (run >= Math.max(least, runsMost) || performance.now() - from > seconds * 1e3);
    for (let run = 0; !isEnough(run); run++) {
      for (let at = 0; at < contestants.length; at++) {
        const name = contestants[(at + run) % contestants.length]!;
        await this.attempt(name, () => turn(name));
      }
      if (this.out.size === contestants.length || this.row.runs === run + 1) return;
    }
  }

  /** Runs once and holds the answer to what it must be. */
  async run(contestant: Contestant): Promise<Report> {
    const report = (await contestant.ask("run", this.effort.patience)) as Report;
    try {
      this.hold(report.answer, this.row.answer(this.answers), "answered");
    } catch (error) {
      await contestant.kill();
      throw error;
    }
    return report;
  }

  /** @throws {@link Void} when an answer is wrong. */
  hold(found: unknown, expected: number, what: string): void {
    if (found !== expected) throw new Void(`wrong: ${what} ${String(found)}, not ${expected}`);
  }

  note(name: string, report: Report, peak: number | undefined): void {
    this.reports.set(name, [...(this.reports.get(name) ?? []), report]);
    if (peak !== undefined) this.peaks.set(name, Math.max(peak, this.peaks.get(name) ?? 0));
  }

  figures(): Record<string, Figures | LeftOut> {
    return Object.fromEntries(
      this.row.contestants.map((name) => {
        const reason = this.out.get(name);
        return [name, reason === undefined ? this.figuresOf(name) : { void: reason }];
      }),
    );
  }

  private figuresOf(name: string): Figures {
    const reports = this.reports.get(name)!;
    const peakBytes = this.peaks.get(name);
    const names = Object.keys(reports[0]!).filter((key) => !["wall", "cpu", "answer"].includes(key));
    return {
      runs: reports.length,
      wall: spreadOf(reports.map(({ wall }) => wall)),
      cpu: spreadOf(reports.map(({ cpu }) => cpu)),
      ...(peakBytes === undefined ? {} : { peakBytes }),
      more: Object.fromEntries(names.map((key) => [key, median(reports.map((report) => report[key]!))])),
    };
  }
}
