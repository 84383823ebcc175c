import { isDeepStrictEqual } from "node:util";
import * as db from "@tanstack/db";
import { memory } from "@zspine/backend-memory";
import { SeededRandom } from "@zspine/conformance";
import { isZspineError, turn } from "@zspine/core";
import { openStore, tiered, type Store } from "@zspine/store";
import { expect } from "vitest";
import type { ProgramMedium } from "../../../temporal/test/program/program-medium.ts";
import { storePersistence, type CommittedTx, type RowKey, type StoreAdapter } from "../../src/index.ts";
import { ReferenceCollection, sorted } from "./reference-collection.ts";

const IDS = ["todos", 'lists"; drop'];
const KEYS: readonly RowKey[] = ["1", 1, "a", "b", "ß", -2.5];
const HISTORY = 6;

/**
 * A program drawn from a seed: transactions on two collections, with truncations, metadata, updates of parts, ones that come
 * twice and ones that cannot be kept; kills, failing calls and power cuts at any moment. After each action the collections are
 * what was acknowledged, or one transaction further that was under way; and what has changed since each earlier version, told as
 * a whole and transaction by transaction, leads from there to here.
 */
export class CollectionProgram {
  /** How often each action was taken. */
  readonly met: Record<string, number> = {};
  private readonly random: SeededRandom;
  private readonly medium: ProgramMedium;
  private store!: Store;
  private adapter!: StoreAdapter;
  /** By collection, what there was at each version; the last one is what there is. */
  private readonly states = new Map(IDS.map((id) => [id, [new ReferenceCollection()]]));
  /** A transaction of which it is not known whether it was applied. */
  private open: { readonly id: string; readonly tx: CommittedTx } | undefined;
  private seq = 0;

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
    await this.openStore();
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      this.met[action] = (this.met[action] ?? 0) + 1;
      try {
        await turn(this.medium.environment);
        await this[action]();
        if (this.medium.isDown) await this.restart(() => this.medium.cut!());
        await this.check();
      } catch (cause) {
        throw new Error(`step ${step}, ${action}: ${(cause as Error).message}`, { cause });
      }
    }
    await this.store.close().catch(() => undefined);
  }

  async apply(): Promise<void> {
    const id = this.random.pick(IDS);
    await this.applyTx(id, this.drawTx(id));
  }

  /** What was applied is passed over when it comes again. */
  async repeat(): Promise<void> {
    const id = this.random.pick(IDS);
    const name = this.random.pick([...this.last(id).applied, ""]);
    if (name === "") return;
    const [term, seq] = name.split(" ").map(Number) as [number, number];
    await this.applyTx(id, { ...this.drawTx(id), term, seq });
  }

  /** What cannot be kept is refused, and nothing of it is there. */
  async refuse(): Promise<void> {
    const id = this.random.pick(IDS);
    const tx = this.drawTx(id);
    const bad = { type: "insert" as const, key: "bad", value: { deep: [() => 1] } };
    const work = this.adapter.applyCommittedTx(id, { ...tx, mutations: [...tx.mutations, bad] });
    await expect(work).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/ENCODE|IO/) as string }),
    );
  }

  async kill(): Promise<void> {
    const id = this.random.pick(IDS);
    const tx = this.drawTx(id);
    this.open = { id, tx };
    const { kill } = this.medium;
    if (kill === undefined) {
      await this.adapter.applyCommittedTx(id, tx);
      return this.reopen();
    }
    const adapter = this.adapter;
    let isDone = false;
    adapter.applyCommittedTx(id, tx).then(
      () => (isDone = true),
      () => undefined,
    );
    for (let turns = this.random.int(0, 40); turns > 0; turns--) await turn(this.medium.environment);
    if (isDone) this.done(id, tx);
    await this.restart(kill);
  }

  async reopen(): Promise<void> {
    if (this.medium.opener === undefined) {
      if (this.open !== undefined) this.done(this.open.id, this.open.tx);
      return;
    }
    await this.store.close().catch(() => undefined);
    await this.openStore();
  }

  async merge(): Promise<void> {
    await this.store.compact().catch((error: unknown) => this.mayFail(error));
  }

  fail(): void {
    this.medium.fail?.();
  }

  private async applyTx(id: string, tx: CommittedTx): Promise<void> {
    this.open = { id, tx };
    for (let tries = 0; ; tries++) {
      try {
        await this.adapter.applyCommittedTx(id, tx);
        this.done(id, tx);
        return;
      } catch (error) {
        this.mayFail(error);
        if (this.medium.isDown) return;
        // As a caller does who has not been acknowledged; in the end it asks what there is.
        if (tries > 5) return this.restart(() => this.medium.kill!());
      }
    }
  }

  private done(id: string, tx: CommittedTx): void {
    const next = this.last(id).copy();
    next.apply(tx);
    if (next.version > this.last(id).version) this.states.get(id)!.push(next);
    this.open = undefined;
  }

  private mayFail(error: unknown): void {
    if (this.medium.fail === undefined || !isZspineError(error, "ZSPINE_IO")) throw error;
  }

  private async restart(end: () => void): Promise<void> {
    end();
    await this.store.close().catch(() => undefined);
    await this.openStore();
  }

  private async openStore(): Promise<void> {
    const { random, medium } = this;
    for (let tries = 0; ; tries++) {
      try {
        this.store = await openStore({
          backend: medium.opener?.() ?? memory(),
          environment: medium.environment,
          strategy: tiered({ fanout: random.pick([2, 4]) }),
          stagingRows: random.pick([1, 32_768]),
          cacheBytes: random.pick([0, 2 ** 20]),
        });
        this.adapter = storePersistence(this.store, { db, historyVersions: HISTORY }).adapter;
        await this.settle();
        return;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 100) throw error;
        await this.store?.close().catch(() => undefined);
        medium.cut?.();
      }
    }
  }

  /** Finds out whether the transaction that was under way was applied. */
  private async settle(): Promise<void> {
    if (this.open === undefined) return;
    const { id, tx } = this.open;
    const { latestRowVersion } = await this.adapter.getStreamPosition(id);
    if (latestRowVersion > this.last(id).version) this.done(id, tx);
    this.open = undefined;
  }

  private async check(): Promise<void> {
    const { medium } = this;
    const isFailing = medium.isFailing;
    medium.isFailing = false;
    for (const id of IDS) {
      const state = this.last(id);
      const { adapter } = this;
      expect({
        rows: sorted(await adapter.loadSubset(id, {})),
        metadata: (await adapter.loadCollectionMetadata(id)).map(({ key, value }) => [key, value]).sort(),
      }).toEqual(state.content);
      const position = { latestTerm: state.term, latestSeq: state.seq, latestRowVersion: state.version };
      expect(await adapter.getStreamPosition(id)).toEqual(position);
      await this.checkChanges(id, state);
    }
    medium.isFailing = isFailing;
  }

  private async checkChanges(id: string, state: ReferenceCollection): Promise<void> {
    for (const earlier of this.states.get(id)!) {
      const pulled = await this.adapter.pullSince(id, earlier.version);
      expect(pulled.latestRowVersion).toBe(state.version);
      // What is within the history is always told.
      if (pulled.requiresFullReload) {
        expect(earlier.version).toBeLessThan(state.version - HISTORY);
        continue;
      }
      const replayed = earlier.copy();
      for (const delta of pulled.deltas) replayed.replay(delta);
      expect(replayed.content).toEqual(state.content);
      if (pulled.deltas.length > 0) expect(replayed.version).toBe(state.version);
      const isChanged = (key: RowKey): boolean =>
        state.rows.has(key) && !isDeepStrictEqual(state.rows.get(key), earlier.rows.get(key));
      const isDeleted = (key: RowKey): boolean => earlier.rows.has(key) && !state.rows.has(key);
      expect(new Set(pulled.changedKeys)).toEqual(new Set(KEYS.filter(isChanged)));
      expect(new Set(pulled.deletedKeys)).toEqual(new Set(KEYS.filter(isDeleted)));
    }
  }

  private last(id: string): ReferenceCollection {
    return this.states.get(id)!.at(-1)!;
  }

  private drawTx(id: string): CommittedTx {
    const { random } = this;
    const count = random.pick([0, 1, 1, 2, 4]);
    const drawn = Array.from({ length: count }, () => this.drawMutation());
    const withMetadata = Array.from({ length: random.pick([0, 0, 1]) }, () => random.pick(KEYS));
    const names = Array.from({ length: random.pick([0, 0, 1]) }, () => random.pick(["resume", "other"]));
    return {
      txId: `tx ${this.seq}`,
      term: 1 + Math.floor(this.seq / 20),
      seq: ++this.seq,
      rowVersion: random.chance(0.8) ? this.last(id).version + 1 : random.int(0, 3),
      truncate: random.chance(0.1),
      mutations: drawn,
      rowMetadataMutations: withMetadata.map((key) =>
        random.chance(0.7) ? { type: "set", key, value: { q: random.int(0, 3) } } : { type: "delete", key },
      ),
      collectionMetadataMutations: names.map((key) =>
        random.chance(0.7) ? { type: "set", key, value: [random.int(0, 9), null] } : { type: "delete", key },
      ),
    };
  }

  private drawMutation(): CommittedTx["mutations"][number] {
    const { random } = this;
    const key = random.pick(KEYS);
    const value = random.pick([
      { n: random.int(0, 3) },
      { text: random.pick(["", "x"]), deep: { when: new Date(random.int(0, 3)), big: 2n ** 70n } },
      { odd: random.pick([NaN, -Infinity, 0.1]), __proto__field: null, $: 1 },
      { $: ["date", "x"] },
    ]);
    if (random.chance(0.3)) return { type: "delete", key, value };
    const change = { type: random.pick(["insert", "update"] as const), key, value };
    return random.chance(0.3)
      ? { ...change, metadata: { owner: random.int(0, 2) }, metadataChanged: true }
      : change;
  }
}

type Action = "apply" | "fail" | "kill" | "merge" | "refuse" | "reopen" | "repeat";

/** How often each is drawn. */
const OFTEN: Readonly<Record<Action, number>> = {
  apply: 8,
  fail: 1,
  kill: 3,
  merge: 1,
  refuse: 1,
  reopen: 1,
  repeat: 2,
};

const ACTIONS: readonly Action[] = Object.entries(OFTEN).flatMap(([action, times]) =>
  Array.from({ length: times }, () => action as Action),
);
