import { isDeepStrictEqual } from "node:util";
import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { decodeHead } from "../../src/head/decode-head.ts";
import { encodeHead, type Head, type HeadTrace } from "../../src/head/head.ts";
import { INLINE_BYTES, Manifest, tracesOf } from "../../src/head/manifest.ts";
import type { ManifestEdit } from "../../src/head/manifest-edit.ts";
import { decodeTable } from "../../src/head/table.ts";

const IDENTITY = {
  epoch: 1,
  commit: 0,
  writer: "w",
  previous: 0,
  seed: { k0: 1, k1: 2 },
  serializer: null,
  metadata: {},
  holds: [],
  clones: [],
};
const LOG = Math.log(1.25);

function traceOf(name: string, totalWeight: number): HeadTrace {
  return {
    name,
    created: 1,
    fingerprint: "int32 -> {name:text,at:int64?}",
    kinds: "nbn",
    keyColumns: 1,
    totalWeight,
    kind: null,
    batches: [],
    held: [],
  };
}

/** A manifest with the tables that heads have had written, as a backend would hold them. */
class Written {
  readonly tables = new Map<string, Uint8Array>();
  entries = 0;
  number = 0;
  manifest = new Manifest(undefined, [], () => this.nextId());
  private ids = 0;

  commit(changed: readonly HeadTrace[], dropped: readonly string[] = []): { edit: ManifestEdit; head: Head } {
    const edit = this.manifest.plan(changed, dropped);
    if (edit.written !== undefined) {
      this.tables.set(edit.written.head.value, edit.written.bytes);
      this.entries += edit.written.head.entries;
    }
    this.number++;
    const { tables, traces, dropped: gone } = edit;
    const head = { number: this.number, ...IDENTITY, tables, traces, dropped: gone };
    this.manifest.apply(edit);
    return { edit, head: decodeHead(encodeHead(head), this.number) };
  }

  read(head: Head): Map<string, HeadTrace> {
    return tracesOf(head, this.tablesOf(head));
  }

  reopen(head: Head): void {
    this.manifest = new Manifest(head, this.tablesOf(head), () => this.nextId());
  }

  tablesOf(head: Head) {
    return head.tables.map((table) => decodeTable(this.tables.get(table.value)!, table));
  }

  private nextId(): string {
    this.ids++;
    return `0000002a-${this.ids.toString(36)}`;
  }
}

describe("Manifest", () => {
  it("C27 names after every commit just the traces that are there, in random courses of changes, drops, failures and reopenings", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = new SeededRandom(seed);
      const written = new Written();
      const model = new Map<string, HeadTrace>();
      const names = Array.from({ length: random.pick([3, 20, 200]) }, (_, n) => `${n * 7919} trace`);
      for (let step = 0; step < 150; step++) {
        const changed: HeadTrace[] = [];
        const dropped: string[] = [];
        for (let n = random.int(0, random.chance(0.1) ? names.length : 2); n > 0; n--) {
          const name = random.pick(names);
          if (dropped.includes(name) || changed.some((trace) => trace.name === name)) continue;
          if (model.has(name) && random.chance(0.4)) dropped.push(name);
          else changed.push(traceOf(name, step));
        }
        // An attempt that comes to nothing changes nothing.
        if (random.chance(0.2)) written.manifest.plan([traceOf("vain", 1)], [random.pick(names)]);
        const { head } = written.commit(changed, dropped);
        for (const name of dropped) model.delete(name);
        for (const trace of changed) model.set(trace.name, trace);
        const where = `seed ${seed}, step ${step}`;
        // Six thousand comparisons of up to 200 traces; toEqual() takes twenty times as long, and says what differs.
        for (const found of [written.read(head), written.manifest.traces])
          if (!isDeepStrictEqual(found, model)) expect(new Map(found), where).toEqual(model);
        // What is gone is named for as long as a table names it, and no longer.
        const tables = written.tablesOf(head);
        for (const name of head.dropped)
          expect(
            tables.some(({ traces }) => traces.some((trace) => trace.name === name)),
            where,
          ).toBe(true);
        if (random.chance(0.1)) written.reopen(head);
      }
    }
  });

  it("C27 writes at most n · (5 + log₁.₂₅ N) entries into tables for n changes, and names 1 + log₂ N of them, in whatever order", () => {
    const N = 500;
    const orders: Record<string, (n: number, random: SeededRandom) => number> = {
      "round robin": (n) => n % N,
      "one again and again": () => 3,
      "a few, hot, and the others now and then": (n, random) => (n % 3 > 0 ? n % 12 : random.int(0, N - 1)),
      "at random": (_, random) => random.int(0, N - 1),
      "growing strides": (n) => (n * n) % N,
    };
    for (const [order, choose] of Object.entries(orders)) {
      const random = new SeededRandom(5);
      const written = new Written();
      const commits = 4 * N;
      for (let n = 0; n < commits; n++) {
        const { head, edit } = written.commit([traceOf(`${choose(n, random)}`, n)]);
        expect(head.tables.length, order).toBeLessThanOrEqual(1 + Math.log2(N));
        let inline = 0;
        for (const bytes of edit.inline.values()) inline += bytes;
        expect(inline, order).toBeLessThanOrEqual(INLINE_BYTES);
        head.tables.slice(1).forEach((table, at) => {
          expect(table.entries, order).toBeGreaterThan(2 * head.tables[at]!.entries);
        });
      }
      expect(written.entries, order).toBeLessThanOrEqual(commits * (5 + Math.log(N) / LOG));
    }
  });

  it("C27 keeps no name of dropped traces in the oldest table, and does not bring them back", () => {
    const written = new Written();
    const nameOf = (n: number): string => `trace number ${n}`;
    written.commit(Array.from({ length: 1500 }, (_, n) => traceOf(nameOf(n), n)));
    let last = written.commit([traceOf("more", 1)]);
    for (let n = 0; n < 1500; n++) last = written.commit([], [nameOf(n)]);
    expect([...written.read(last.head).keys()]).toEqual(["more"]);
    // So many gone names have come together that the oldest table was taken in: 3,001 would be named else.
    const names = last.head.tables.reduce((sum, { entries }) => sum + entries, last.head.dropped.length);
    expect(names).toBeLessThan(1500);
    expect(written.commit([traceOf(nameOf(7), 1)]).head.traces.map(({ name }) => name)).toContain(nameOf(7));
  });

  it("C27 writes a table that tells of as many traces that are there as are gone", () => {
    const written = new Written();
    written.commit(Array.from({ length: 1500 }, (_, n) => traceOf(`old ${n}`, n)));
    let last = written.commit([traceOf("more", 1)]);
    const { size } = written.tables;
    for (let n = 0; n < 500; n++) {
      last = written.commit([traceOf(`new ${n}`, n)], [`old ${n}`]);
      expect(written.read(last.head).size).toBe(1501);
    }
    expect(written.tables.size).toBeGreaterThan(size);
  });

  it("C27 leaves what every commit changes in the head, whatever it takes", () => {
    const written = new Written();
    for (let commit = 0; commit < 20; commit++) {
      const { head } = written.commit(Array.from({ length: 100 }, (_, n) => traceOf(`${n}`, commit)));
      expect([head.traces.length, head.tables.length]).toEqual([100, 0]);
    }
  });
});
