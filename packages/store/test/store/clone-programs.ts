import { SeededRandom } from "@zspine/conformance";
import { expect } from "vitest";
import { z } from "zod";
import { clone, cloneStore, detachClone, openStore, tiered, type Store } from "../../src/index.ts";
import { besidePlaces, type BesidePlaces } from "./beside-places.ts";

const ROWS = { key: z.int32(), value: z.string() };
const PLACES = ["source", "first", "second", "third"] as const;

type Model = Map<number, number>;

interface Member {
  readonly place: string;
  /** Where it was cloned from; nothing for the source, or once it is detached. */
  of: Member | undefined;
  store: Store;
  /** Weights by key: what was committed, and what the store has besides. */
  committed: Model;
  model: Model;
}

/** Stores that are cloned from one another and written to on all sides, beside models that are full copies. */
export class CloneProgram {
  private readonly random: SeededRandom;
  private readonly places: BesidePlaces;
  private readonly members: Member[] = [];
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
    this.random = new SeededRandom(seed);
    this.places = besidePlaces(this.random.chance(0.5), this.random.pick([300, 4096]));
  }

  async run(steps: number): Promise<void> {
    this.members.push(await this.open("source", undefined, new Map()));
    for (let step = 1; step <= steps; step++) {
      const member = this.random.pick(this.members);
      const action = this.random.pick(ACTIONS);
      await this[action](member);
      const where = `seed ${this.seed}, step ${step}: ${action} of ${member.place}`;
      for (const one of this.members) expect(await textOf(one.store), where).toBe(textOfModel(one.model));
    }
    for (const member of this.members) {
      expect((await member.store.verify()).problems, `seed ${this.seed}, ${member.place}`).toEqual([]);
    }
    for (const { store } of [...this.members].reverse()) await store.close();
  }

  async insert({ store, model }: Member): Promise<void> {
    const trace = await store.trace("t", ROWS);
    const [from, weight] = [this.random.int(0, 40), this.random.pick([-1, 1, 2])];
    for (let key = from; key < from + this.random.pick([1, 20, 200]); key++) {
      trace.insert(key, "x", weight);
      model.set(key, (model.get(key) ?? 0) + weight);
    }
  }

  async commit(member: Member): Promise<void> {
    const durability = this.random.pick(["sync", "relaxed"] as const);
    await member.store.commit({ durability });
    member.committed = new Map(member.model);
  }

  async compact({ store }: Member): Promise<void> {
    await store.compact();
  }

  async merge({ store }: Member): Promise<void> {
    await store.finishMerges();
  }

  async cloneIt(member: Member): Promise<void> {
    const place = PLACES.find((one) => !this.members.some((other) => other.place === one));
    if (place === undefined || member.store.token === 0) return;
    await cloneStore({ of: member.store, into: this.places.opener(place), name: place });
    this.members.push(await this.open(place, member, member.committed));
  }

  async detach(member: Member): Promise<void> {
    if (member.of === undefined) return;
    await detachClone(member.store);
    expect(member.of.store.clones().some(({ name }) => name === member.place)).toBe(false);
    member.of = undefined;
  }

  /** Closes it with those that borrow of it, or kills it, and opens them again. */
  async reopen(member: Member): Promise<void> {
    const borrowers = this.members.filter((one) => borrows(one, member));
    const isKilled = this.random.chance(0.3);
    for (const one of [...borrowers].reverse()) {
      if (isKilled) this.places.crash(one.place);
      await one.store.close().catch((error: unknown) => {
        if (!isKilled) throw error;
      });
    }
    for (const one of borrowers)
      Object.assign(one, await this.open(one.place, one.of, one.committed), { of: one.of });
  }

  private async open(place: string, of: Member | undefined, committed: Model): Promise<Member> {
    const into = this.places.opener(place);
    const backend = of === undefined ? into : clone({ of: of.store, into });
    const store = await openStore({ backend, strategy: tiered({ fanout: this.random.int(2, 4) }) });
    await store.trace("t", { ...ROWS, create: true });
    return { place, of, store, committed, model: new Map(committed) };
  }
}

const ACTIONS = [
  "insert",
  "insert",
  "insert",
  "commit",
  "commit",
  "compact",
  "merge",
  "cloneIt",
  "detach",
  "reopen",
] as const;

function borrows(member: Member, of: Member): boolean {
  return member === of || (member.of !== undefined && borrows(member.of, of));
}

async function textOf(store: Store): Promise<string> {
  const rows: string[] = [];
  for await (const { key, weight } of (await store.trace("t", ROWS)).rows()) rows.push(`${key}:${weight}`);
  return rows.join(" ");
}

function textOfModel(model: Model): string {
  const rows = [...model].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
  return rows.map(([key, weight]) => `${key}:${weight}`).join(" ");
}
