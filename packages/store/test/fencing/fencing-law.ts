import { SeededRandom, simulatedEnvironment } from "@zspine/conformance";
import { isZspineError, type Environment } from "@zspine/core";
import { expect } from "vitest";
import { openStore, runCompactor, type Store } from "../../src/index.ts";
import type { FencingMedium } from "./fencing-medium.ts";
import { contentOf, effectIn, FencedWriter, IN_HEADS, ROWS } from "./fenced-writer.ts";
import { OPEN, StopSign } from "./stop-sign.ts";

/** A writer that is stopped at one of its steps, and another that opens its place meanwhile. */
export interface Fencing {
  readonly seed: number;
  /** The number of the step, from 1, and whether it stops before or after it. */
  readonly at: number;
  readonly when: "before" | "after";
  /** When the other writes: while the first stands still, at the same time as it goes on, or when that has ended. */
  readonly other: "before" | "beside" | "after";
  /** Opens a place for the first writer, and for the second. */
  readonly media: readonly [FencingMedium, FencingMedium];
}

const ACTS = 8;
const HOUR = 3_600_000;
const ROUNDS = 4;

/** What a writer that has lost may be told; that it has, of an act that needs a head. */
const LOST = "ZSPINE_CONFLICT";

/** Runs it, and holds it to the laws. Tells whether there was such a step. */
async function fence(fencing: Fencing): Promise<boolean> {
  const { seed, at, when, other } = fencing;
  const environment = simulatedEnvironment(seed, { stepsMax: 200_000 });
  try {
    return await environment.run(new Course(fencing, environment).run());
  } catch (cause) {
    const where = `seed ${seed}, stopped ${when} step ${at}, the other writes ${other}`;
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

class Course {
  private readonly fencing: Fencing;
  private readonly environment: Environment;
  private readonly contents = new Map<string, string>();
  private readonly sign: StopSign;
  private readonly first: FencedWriter;
  private readonly end = new AbortController();
  /** Commits of the second that were acknowledged. */
  private readonly acknowledged: string[] = [];

  constructor(fencing: Fencing, environment: Environment) {
    const { seed, at, when, media } = fencing;
    this.fencing = fencing;
    this.environment = environment;
    this.sign = new StopSign(at, when);
    // OT10: the clocks of the two are two hours apart.
    const parts = { seed, medium: media[0], sign: this.sign, contents: this.contents };
    this.first = new FencedWriter("first", { ...parts, environment: skewed(environment, HOUR) });
  }

  async run(): Promise<boolean> {
    const { sign, first } = this;
    await first.open();
    const compactor = this.compact();
    const work = first.run(ACTS);
    await Promise.race([sign.reached, work]);
    const { isReached } = sign;
    if (isReached) await this.takeOver(work);
    else await work;
    this.end.abort();
    await compactor;
    return isReached;
  }

  /** A second writer opens, and the first goes on. */
  private async takeOver(work: Promise<void>): Promise<void> {
    const { first, sign, fencing } = this;
    const { other } = fencing;
    const second = await this.openOther();
    const { token } = second;
    // What it had done by then it may have been told since, for that takes no step.
    const acknowledged = Math.max(0, ...first.acknowledged.map((one) => one.token));
    expect(token, "what was acknowledged is there").toBeGreaterThanOrEqual(acknowledged);
    const before = await contentOf(second);
    expect(before, "it is what a commit had").toBe(this.contents.get(nameOf(second)));
    for (const [what, said] of first.effects)
      if (what !== first.pending && said !== undefined) expect(effectIn(second, what), what).toBe(said);
    const writes = async (): Promise<void> => this.write(second, before);
    if (other === "before") await writes();
    sign.resume();
    await (other === "beside" ? Promise.all([work, writes()]) : work);
    if (other === "after") await writes();
    if (this.acknowledged.length > 0) await this.checkSecond(second, token);
    await second.close();
    await this.checkLast();
  }

  /** Commits, compacts and collects. Ends where it has lost. */
  private async write(second: Store, before: string): Promise<void> {
    const trace = await second.trace("t", ROWS);
    const rows = before.split("\n");
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const name = `second ${round}`;
        trace.insert(round, "second");
        rows.push(`${round} second 1`);
        this.contents.set(name, [...rows].sort().join("\n"));
        await second.commit({ metadata: { name } });
        this.acknowledged.push(name);
        await second.compact();
        await second.flush();
      }
    } catch (error) {
      if (!isZspineError(error, LOST) || this.fencing.other === "before") throw error;
      expect(this.acknowledged, "of two writers one has lost, once").toEqual([]);
    }
  }

  /** Holds the first to what holds where the second has committed. */
  private async checkSecond(second: Store, token: number): Promise<void> {
    const { first, fencing } = this;
    expect(this.acknowledged.length, "nobody has fenced the second").toBe(ROUNDS);
    expect((await second.verify()).problems, "the second's is sound").toEqual([]);
    expect(await contentOf(second)).toBe(this.contents.get(this.acknowledged.at(-1)!));
    for (const one of first.acknowledged)
      expect(one.token, `${one.name} was acknowledged, and the second has it`).toBeLessThanOrEqual(token);
    for (const [what, said] of first.effects)
      if (said !== undefined) expect(effectIn(second, what), `${what} was acknowledged`).toBe(said);
    if (fencing.other !== "before") return;
    for (const { act, code } of first.told.filter(({ isLate }) => isLate))
      if (IN_HEADS.has(act) && !(code === undefined && NEEDS_NONE.has(act))) expect(code, act).toBe(LOST);
  }

  /** Holds what is there in the end to what was acknowledged to anybody. */
  private async checkLast(): Promise<void> {
    const { first } = this;
    const last = await this.openOther();
    const name = nameOf(last);
    expect(await contentOf(last), "what is there in the end").toBe(this.contents.get(name));
    expect((await last.verify()).problems).toEqual([]);
    const newest = (this.acknowledged.at(-1) ?? first.acknowledged.at(-1)?.name)!;
    const isFirst = this.acknowledged.length === 0;
    if (!isFirst) expect(name, "the last that was acknowledged").toBe(newest);
    if (isFirst) {
      const most = Math.max(...first.acknowledged.map(({ token }) => token));
      expect(last.token).toBeGreaterThanOrEqual(most);
      for (const [what, said] of first.effects)
        if (said !== undefined) expect(effectIn(last, what), what).toBe(said);
    }
    for (const { act, code } of first.told)
      if (code !== undefined) expect(ALLOWED, `${act} was told`).toContain(code);
    await last.close();
  }

  private openOther(): Promise<Store> {
    const backend = this.fencing.media[1].opener("place", OPEN);
    const environment = skewed(this.environment, -HOUR);
    return openStore({ backend, environment, cacheBytes: 0 });
  }

  /** Makes merges for the first, whoever it is. */
  private async compact(): Promise<void> {
    const backend = this.fencing.media[1].opener("place", OPEN);
    const { environment, end } = this;
    await runCompactor({ backend, environment, pollMs: 10, signal: end.signal });
  }
}

/** Acts that need no head where there is nothing to act on. */
const NEEDS_NONE: ReadonlySet<string> = new Set(["release", "drop"]);

const ALLOWED = [LOST, "ZSPINE_CLOSED"];

function nameOf(store: Store): string {
  return (store.metadata as { readonly name?: string }).name ?? "";
}

/** An environment whose clock is so much ahead. */
function skewed(environment: Environment, aheadMs: number): Environment {
  return {
    now: () => environment.now() + aheadMs,
    random: () => environment.random(),
    schedule: (task, delayMs) => environment.schedule(task, delayMs),
    io: (backend) => environment.io(backend),
  };
}

/** Stops the writer of a seed at each of its steps, or every n-th, and gives how many there were. */
export async function fenceEverywhere(
  seed: number,
  newMedia: () => Fencing["media"],
  each = 1,
): Promise<number> {
  const random = new SeededRandom(seed);
  for (let at = 1 + (seed % each); ; at += each) {
    const when = random.pick(["before", "after"] as const);
    const other = random.pick(["before", "before", "beside", "after"] as const);
    if (!(await fence({ seed, at, when, other, media: newMedia() }))) return at - 1;
  }
}
