import { SeededRandom } from "@zspine/conformance";
import { isZspineError, turn, type Environment } from "@zspine/core";
import { z } from "zod";
import { cloneStore, compactors, openStore, tiered, type Store } from "../../src/index.ts";
import { placedBackend, pressing } from "../placed/pressing.ts";
import type { FencingMedium } from "./fencing-medium.ts";
import type { StopSign } from "./stop-sign.ts";

export const ROWS = { key: z.int32(), value: z.string(), create: true } as const;

/** What a writer was told of one of its acts. */
export interface Told {
  readonly act: Act;
  /** Whether it was called when the process had been resumed. */
  readonly isLate: boolean;
  /** The code of the error; nothing where it was acknowledged. */
  readonly code: string | undefined;
}

/** A commit that was acknowledged. */
interface Acknowledged {
  readonly token: number;
  readonly name: string;
}

/** What is in memory, by which it spills nearly everything. */
const PLACED_BYTES = 3000;

/** Acts that resolve only when a head says what they did. */
export const IN_HEADS: ReadonlySet<Act> = new Set(["commit", "relaxed", "hold", "release", "drop", "clone"]);

/** A writer that runs a random program, and notes what it was told. */
export class FencedWriter {
  readonly told: Told[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** What a store at each of its commits holds, by the name that is in its metadata. */
  readonly contents: Map<string, string>;
  /** What it was told that heads say of holds, clones and traces; `undefined` where that is not known. */
  readonly effects = new Map<string, string | undefined>();
  /** The effect that is under way. */
  pending: string | undefined;
  private readonly random: SeededRandom;
  private readonly medium: FencingMedium;
  private readonly sign: StopSign;
  private readonly environment: Environment;
  private readonly name: string;
  private store!: Store;
  /** Rows as texts, by their weights. */
  private readonly rows = new Map<string, number>();
  private count = 0;

  constructor(
    name: string,
    parts: {
      readonly seed: number;
      readonly medium: FencingMedium;
      readonly sign: StopSign;
      readonly environment: Environment;
      readonly contents: Map<string, string>;
    },
  ) {
    const { seed, medium, sign, environment, contents } = parts;
    this.name = name;
    this.random = new SeededRandom(seed);
    this.medium = medium;
    this.sign = sign;
    this.environment = environment;
    this.contents = contents;
  }

  /** Opens the store, with rows in it that are committed. */
  async open(): Promise<void> {
    const { environment, medium, random, sign } = this;
    const opener = medium.opener("place", sign.gate);
    const isPressed = random.chance(0.5);
    const placement = pressing(PLACED_BYTES, { looks: 0, pressed: 0 }, new SeededRandom(random.uint32()));
    const isHelped = random.chance(0.5);
    this.store = await openStore({
      backend: isPressed ? placedBackend(opener, placement) : opener,
      environment,
      strategy: tiered({ fanout: random.int(2, 4) }),
      stagingRows: random.pick([16, 1000]),
      ...(!isPressed && { cacheBytes: 0 }),
      ...(isHelped && { compactors: compactors({ bytesLeast: 0, takenMs: 40, doneMs: 200, pollMs: 5 }) }),
    });
    await this.store.trace("t", ROWS);
    await this.store.trace("other", ROWS);
    for (let round = 0; round < 3; round++) {
      await this.insert();
      await this.commit();
    }
    sign.begin();
  }

  /** Does so many acts that are drawn, a commit, and closes the store. */
  async run(acts: number): Promise<void> {
    const drawn = Array.from({ length: acts }, () => this.random.pick(ACTS));
    for (const act of [...drawn, "insert", "commit"] as const) await this.act(act);
    await this.act("close");
  }

  private async act(act: Act): Promise<void> {
    const isLate = this.sign.isReached && !this.sign.isStopped;
    let code: string | undefined;
    try {
      await this[act]();
    } catch (error) {
      if (!isZspineError(error)) throw error;
      code = error.code;
      // What may be there is not known to be.
      if (this.pending !== undefined && !error.determinate) this.effects.set(this.pending, undefined);
    }
    this.pending = undefined;
    this.told.push({ act, isLate, code });
  }

  async insert(): Promise<void> {
    const trace = await this.store.trace("t", ROWS);
    const from = this.random.int(0, 50);
    for (let key = from; key < from + this.random.pick([1, 30, 120]); key++) {
      trace.insert(key, this.name);
      const row = `${key} ${this.name}`;
      this.rows.set(row, (this.rows.get(row) ?? 0) + 1);
    }
  }

  async commit(durability: "sync" | "relaxed" = "sync"): Promise<void> {
    const name = `${this.name} ${++this.count}`;
    this.contents.set(name, textOf(this.rows));
    const token = await this.store.commit({ metadata: { name }, durability });
    this.acknowledged.push({ token, name });
  }

  async relaxed(): Promise<void> {
    await this.commit("relaxed");
  }

  async compact(): Promise<void> {
    await this.store.compact();
  }

  async merge(): Promise<void> {
    await this.store.finishMerges();
  }

  async flush(): Promise<void> {
    await this.store.flush();
  }

  /** Lets go on what goes on by itself: merges, spilling, and what compactors have made. */
  async wait(): Promise<void> {
    await turn(this.environment, this.random.pick([1, 20, 100]));
  }

  async read(): Promise<void> {
    const trace = await this.store.trace("t", ROWS);
    await trace.get(this.random.int(0, 60));
  }

  async hold(): Promise<void> {
    const name = `hold ${++this.count}`;
    await this.effect(name, async () => String(await this.store.hold(name)));
  }

  async release(): Promise<void> {
    const held = this.store.holds()[0]?.name;
    if (held !== undefined) await this.effect(held, () => this.store.release(held));
  }

  async drop(): Promise<void> {
    if (this.store.has("other")) await this.effect("other", () => this.store.drop("other"));
  }

  async clone(): Promise<void> {
    const name = `clone ${++this.count}`;
    const into = this.medium.opener(name, this.sign.gate);
    await this.effect(name, async () => {
      await cloneStore({ of: this.store, into, name });
      return "lent";
    });
  }

  /** Has a copy made, which opens, whoever has written meanwhile. */
  async backup(): Promise<void> {
    const to = this.medium.opener(`copy ${++this.count}`, this.sign.gate);
    await this.store.backup(to);
    const copy = await openStore({ backend: to, environment: this.environment });
    const { isSound } = await copy.verify();
    if (!isSound) throw new Error("a copy is damaged");
    await copy.close();
  }

  async close(): Promise<void> {
    await this.store.close();
  }

  private async effect(what: string, work: () => Promise<string | void>): Promise<void> {
    this.pending = what;
    const said = await work();
    this.effects.set(what, said ?? GONE);
  }
}

/** What is said of what is not there. */
const GONE = "gone";

/** What heads say of something that {@link FencedWriter.effects} tells of. */
export function effectIn(store: Store, what: string): string {
  if (what === "other") return store.has(what) ? "there" : GONE;
  if (what.startsWith("clone")) return store.clones().some(({ name }) => name === what) ? "lent" : GONE;
  const hold = store.holds().find(({ name }) => name === what);
  return hold === undefined ? GONE : String(hold.token);
}

const ACTS =
  "insert insert insert commit commit relaxed compact merge flush wait wait read hold release drop clone backup".split(
    " ",
  ) as readonly Act[];

/** What a writer does. */
export type Act =
  | ("backup" | "clone" | "close" | "commit" | "compact" | "drop" | "flush" | "hold" | "insert")
  | ("merge" | "read" | "relaxed" | "release" | "wait");

/** Rows as a text, in no order but one. */
function textOf(rows: ReadonlyMap<string, number>): string {
  return [...rows]
    .map(([row, weight]) => `${row} ${weight}`)
    .sort()
    .join("\n");
}

/** The rows of a store, as {@link textOf} writes them. */
export async function contentOf(store: Store): Promise<string> {
  const rows = new Map<string, number>();
  const trace = await store.trace("t", ROWS);
  for await (const { key, value, weight } of trace.rows()) rows.set(`${key} ${value}`, weight);
  return textOf(rows);
}
