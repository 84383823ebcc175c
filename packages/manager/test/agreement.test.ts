import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { SeededRandom } from "@zspine/conformance";
import type { Store } from "@zspine/store";
import { describe, expect, it } from "vitest";
import { createStorageManager } from "../src/index.ts";
import { contentOf, rowsOf } from "./content.ts";
import { scratchFolder } from "./scratch-folder.ts";

const SEEDS = Number(process.env["ZSPINE_SEEDS"] ?? 4);
const STEPS = 45;
const ACTIONS =
  "write write write write write switch switch switch switch spill maintain delete restart".split(" ");
const TRACES = ["rows", "more"];

/** What a store is to hold: the sum of the weights of each row by trace, key and value, and its metadata. */
class Reference {
  committed = new Map<string, number>();
  staged = new Map<string, number>();
  metadata: object = {};

  insert(trace: string, key: number, value: string, weight: number): void {
    const row = JSON.stringify([trace, key, value]);
    this.staged.set(row, (this.staged.get(row) ?? 0) + weight);
  }

  commit(metadata: object): void {
    for (const [row, weight] of this.staged) this.committed.set(row, (this.committed.get(row) ?? 0) + weight);
    this.staged.clear();
    this.metadata = metadata;
  }

  get text(): string {
    const rows = [...this.committed]
      .filter(([, weight]) => weight !== 0)
      .map(([row, weight]) => ({ row: JSON.parse(row) as [string, number, string], weight }));
    const lines = TRACES.flatMap((name) =>
      rows
        .filter(({ row }) => row[0] === name)
        .sort(({ row: a }, { row: b }) => a[1] - b[1] || (a[2] < b[2] ? -1 : 1))
        .map(({ row, weight }) => `${row.join(" ")} ${weight}`),
    );
    return [JSON.stringify(this.metadata), ...lines].join("\n");
  }
}

async function write(store: Store, reference: Reference, random: SeededRandom, step: number): Promise<void> {
  for (const name of TRACES) {
    const trace = await rowsOf(store, name);
    for (let count = random.int(0, 400); count > 0; count--) {
      const [key, value] = [random.int(0, 300), `value ${random.int(0, 5)}`];
      const weight = random.chance(0.5) ? 1 : -1;
      trace.insert(key, value, weight);
      reference.insert(name, key, value, weight);
    }
  }
  if (random.chance(0.2)) {
    store.discard();
    reference.staged.clear();
    return;
  }
  await store.commit({ metadata: { step }, durability: random.chance(0.5) ? "sync" : "relaxed" });
  reference.commit({ step });
}

describe("R9 random programs over random switches agree with a reference", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    it(`seed ${seed}`, async () => {
      const random = new SeededRandom(seed);
      const options = {
        location: join(scratchFolder, `agreement-${seed}`),
        backends: [file, level],
        budget: { bytes: 2 ** 21, policy: "fixed" as const },
      };
      let manager = await createStorageManager(options);
      const references = new Map<string, Reference>();
      for (let step = 1; step <= STEPS; step++) {
        const name = `store-${random.int(1, 3)}`;
        const reference = references.get(name);
        const mode = random.pick(manager.modes);
        const action = reference === undefined ? "create" : random.pick(ACTIONS);
        if (action === "create") {
          await manager.create(name, { mode });
          references.set(name, new Reference());
        } else if (action === "write") await write(await manager.get(name), reference!, random, step);
        else if (action === "switch") await manager.switchMode(name, mode);
        else if (action === "spill") await manager.forceSpill(name);
        else if (action === "maintain") await manager.maintain({ slices: random.int(1, 5) });
        else if (action === "delete") {
          await manager.delete(name);
          references.delete(name);
        } else {
          const kept = (await manager.list()).filter((listed) => listed.mode !== "memory");
          for (const gone of references.keys())
            if (!kept.some((one) => one.name === gone)) references.delete(gone);
          await manager.close();
          manager = await createStorageManager(options);
          expect(await manager.list()).toEqual(kept);
        }
        for (const [of, { text }] of references)
          expect(`${of}\n${await contentOf(await manager.get(of), TRACES)}`).toBe(`${of}\n${text}`);
        expect((await manager.list()).map((one) => one.name)).toEqual([...references.keys()].sort());
      }
      await manager.close();
    });
  }
});
