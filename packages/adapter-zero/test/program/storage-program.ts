import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { isZspineError, turn } from "@zspine/core";
import { openStore, tiered, type Store } from "@zspine/store";
import { expect } from "vitest";
import type { ProgramMedium } from "../../../temporal/test/program/program-medium.ts";
import {
  openZeroStorage,
  type ClientGroupStorage,
  type JSONValue,
  type Storage,
  type ZeroStorage,
} from "../../src/index.ts";

/** What is kept, by the name of the storage: `name/operator`. */
type Kept = Map<string, Map<string, string>>;

const NAMES = ["plain", "other", ""];
const KEYS = ["", "a", "ab", "abc", "b", '["take"]', "é", "\uffff", "😀", "😀x", "\u0000"];

/**
 * A program drawn from a seed: storages of client groups and of names, written, deleted, scanned and destroyed; commits,
 * discards, merges, kills, failing calls and power cuts at any moment. After each action they have what a map has.
 */
export class StorageProgram {
  /** How often each action was taken. */
  readonly met: Record<string, number> = {};
  private readonly random: SeededRandom;
  private readonly medium: ProgramMedium;
  private store!: Store;
  private zero!: ZeroStorage;
  private group!: ClientGroupStorage;
  /** The operators of the group, and the storages of names. */
  private storages = new Map<string, Storage>();
  private kept: Kept = new Map();
  /** What there was at each commit that was begun, and the last that was acknowledged. */
  private readonly commits: Kept[] = [new Map()];
  private done = 0;

  constructor(seed: number, medium: (random: SeededRandom) => ProgramMedium) {
    this.random = new SeededRandom(seed);
    this.medium = medium(this.random);
  }

  /** Runs to the end; throws at the first answer that is wrong. */
  async run(steps: number): Promise<void> {
    try {
      await this.medium.run(this.runSteps(steps));
    } finally {
      this.medium.end();
    }
  }

  private async runSteps(steps: number): Promise<void> {
    await this.open();
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      this.met[action] = (this.met[action] ?? 0) + 1;
      try {
        await turn(this.medium.environment);
        if (AWAITED.has(action)) await this[action]();
        else this.withoutFaults(() => void this[action]());
        if (this.medium.isDown) await this.restart(() => this.medium.cut!());
        this.withoutFaults(() => {
          this.check();
        });
      } catch (cause) {
        throw new Error(`step ${step}, ${action}: ${(cause as Error).message}`, { cause });
      }
    }
    await this.store.close().catch(() => undefined);
  }

  write(): void {
    const name = this.random.pick([...this.storages.keys()]);
    for (let left = this.random.pick([1, 1, 4, 30]); left > 0; left--) {
      const key = this.random.pick(KEYS);
      const kept = this.keptOf(name);
      if (this.random.chance(0.3)) {
        this.storages.get(name)!.del(key);
        kept.delete(key);
      } else {
        const value = this.drawValue();
        this.storages.get(name)!.set(key, value);
        kept.set(key, JSON.stringify(value));
      }
    }
  }

  /** Deletes what there is while it is scanned, which the scan does not see. */
  sweep(): void {
    const name = this.random.pick([...this.storages.keys()]);
    const storage = this.storages.get(name)!;
    const found: string[] = [];
    for (const [key] of storage.scan()) {
      storage.del(key);
      storage.set(`${key}!`, 1);
      storage.del(`${key}!`);
      found.push(key);
    }
    expect(found).toEqual(inOrder(this.keptOf(name).keys()));
    this.keptOf(name).clear();
  }

  operator(): void {
    const number = [...this.storages.keys()].filter((name) => name.startsWith("group/")).length + 1;
    this.storages.set(`group/${number}`, this.group.createStorage());
  }

  destroy(): void {
    if (this.random.chance(0.5)) this.group.destroy();
    else this.openGroup();
    for (const name of this.kept.keys()) if (name.startsWith("group/")) this.kept.delete(name);
  }

  drop(): void {
    const name = this.random.pick(NAMES.slice(0, 2));
    this.zero.dropStorage(name);
    this.kept.delete(name);
  }

  async commit(): Promise<void> {
    await this.io(this.begin());
  }

  private async begin(): Promise<void> {
    const number = this.commits.push(copyOf(this.kept)) - 1;
    const { store } = this;
    await store.commit({ metadata: { number } });
    if (store === this.store) this.done = number;
  }

  discard(): void {
    this.store.discard();
    this.kept = copyOf(this.commits[this.done]!);
  }

  async merge(): Promise<void> {
    await this.io(this.store.compact());
  }

  async reopen(): Promise<void> {
    if (this.medium.opener === undefined) return;
    await this.restart(() => undefined);
  }

  /** Kills the process at some moment of a commit. */
  async kill(): Promise<void> {
    const { kill } = this.medium;
    if (kill === undefined) return this.reopen();
    this.begin().catch(() => undefined);
    for (let turns = this.random.int(0, 30); turns > 0; turns--) await turn(this.medium.environment);
    await this.restart(kill);
  }

  fail(): void {
    this.medium.fail?.();
  }

  private async restart(end: () => void): Promise<void> {
    end();
    await this.store.close().catch(() => undefined);
    await this.open();
  }

  private async io(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.medium.fail === undefined || !isZspineError(error, "ZSPINE_IO")) throw error;
      await this.restart(() => (this.medium.isDown ? this.medium.cut!() : this.medium.kill!()));
    }
  }

  private async open(): Promise<void> {
    const { random, medium } = this;
    for (let tries = 0; ; tries++) {
      try {
        this.store = await openStore({
          backend: medium.opener?.() ?? memory(),
          environment: medium.environment,
          strategy: tiered({ fanout: random.pick([2, 4]) }),
          stagingRows: random.pick([1, 16, 32_768]),
          cacheBytes: random.pick([0, 3000, 2 ** 20]),
        });
        this.zero = await openZeroStorage(this.store);
        break;
      } catch (error) {
        if (medium.fail === undefined || !isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
        await this.store?.close().catch(() => undefined);
        medium.cut?.();
      }
    }
    const number = (this.store.metadata as { number?: number }).number ?? 0;
    expect(number).toBeGreaterThanOrEqual(this.done);
    this.done = number;
    this.kept = copyOf(this.commits[number]!);
    this.withoutFaults(() => {
      this.storages = new Map(NAMES.slice(0, 2).map((name) => [name, this.zero.createStorage(name)]));
      // A group begins anew, as Zero has it.
      this.openGroup();
    });
    for (const name of this.kept.keys()) if (name.startsWith("group/")) this.kept.delete(name);
  }

  private openGroup(): void {
    this.group = this.zero.createClientGroupStorage("group");
    for (const name of this.storages.keys()) if (name.startsWith("group/")) this.storages.delete(name);
    this.operator();
    this.operator();
  }

  private withoutFaults(work: () => void): void {
    const { medium } = this;
    const isFailing = medium.isFailing;
    medium.isFailing = false;
    work();
    medium.isFailing = isFailing;
  }

  private check(): void {
    for (const [name, storage] of this.storages) {
      const kept = this.keptOf(name);
      const all = [...storage.scan()].map(([key, value]) => [key, JSON.stringify(value)]);
      expect(all).toEqual(inOrder(kept.keys()).map((key) => [key, kept.get(key)]));
      const prefix = this.random.pick([...KEYS, "c", "ab"]);
      expect(Array.from(storage.scan({ prefix }), ([key]) => key)).toEqual(
        inOrder(kept.keys()).filter((key) => key.startsWith(prefix)),
      );
      const key = this.random.pick(KEYS);
      expect(JSON.stringify(storage.get(key, "none"))).toBe(kept.get(key) ?? '"none"');
    }
  }

  private keptOf(name: string): Map<string, string> {
    let kept = this.kept.get(name);
    if (kept === undefined) this.kept.set(name, (kept = new Map()));
    return kept;
  }

  private drawValue(): JSONValue {
    const { random } = this;
    return random.pick<JSONValue>([
      null,
      true,
      0,
      -1.5,
      "",
      "x",
      [1, [2]],
      { size: random.int(0, 9), bound: { id: "a" } },
    ]);
  }
}

type Action =
  | "commit"
  | "destroy"
  | "discard"
  | "drop"
  | "fail"
  | "kill"
  | "merge"
  | "operator"
  | "reopen"
  | "sweep"
  | "write";

/** How often each is drawn. */
const OFTEN: Readonly<Record<Action, number>> = {
  commit: 3,
  destroy: 1,
  discard: 1,
  drop: 1,
  fail: 1,
  kill: 1,
  merge: 1,
  operator: 1,
  reopen: 1,
  sweep: 1,
  write: 8,
};

const ACTIONS: readonly Action[] = Object.entries(OFTEN).flatMap(([action, times]) =>
  Array.from({ length: times }, () => action as Action),
);

const AWAITED: ReadonlySet<Action> = new Set<Action>(["commit", "merge", "reopen", "kill", "fail"]);

function copyOf(kept: Kept): Kept {
  return new Map([...kept].map(([name, entries]) => [name, new Map(entries)]));
}

/** Texts in the order of their code points. */
function inOrder(keys: Iterable<string>): string[] {
  const points = (key: string): number[] => Array.from(key, (character) => character.codePointAt(0)!);
  return [...keys].sort((a, b) => {
    const [left, right] = [points(a), points(b)];
    for (let at = 0; at < Math.min(left.length, right.length); at++)
      if (left[at] !== right[at]) return left[at]! - right[at]!;
    return left.length - right.length;
  });
}
