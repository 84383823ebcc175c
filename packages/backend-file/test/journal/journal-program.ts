import { SeededRandom } from "@zspine/conformance";
import { isZspineError, type Backend, type WriteOp, type WriteOptions } from "@zspine/core";
import type { Medium } from "@zspine/location";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import type { JournalSizes } from "../../src/journal/journal-writer.ts";
import { LosingMedium } from "../medium/losing-medium.ts";

const PLACE = "/disk/place";

/** A value that was put, and what is known of it. */
interface Known {
  /** The head with which it came, or the next one. */
  since: number;
  /** Whether somebody has asked for its removal. */
  isRemoved: boolean;
}

/**
 * A program drawn from a seed: heads with values, synced and relaxed, removals, files of the journal that are begun anew
 * every few records, kills, power cuts at any moment, syncs that fail, readers beside the writer. After each of them the
 * newest head is one that was acknowledged as synced or a later one, and all that came before it is there, byte for byte.
 */
export class JournalProgram {
  readonly medium = new LosingMedium();
  /** How often commits were gone after a power cut, and files were begun anew. */
  lost = 0;
  /** How often a full disk has refused. */
  refused = 0;
  segments = 0;
  private readonly random: SeededRandom;
  private readonly mutate: (medium: Medium) => Medium;
  private readonly sizes: JournalSizes;
  private backend!: Backend;
  private readonly values = new Map<string, Known>();
  private newest = 0;
  private synced = 0;
  private names = 0;

  constructor(seed: number, mutate: (medium: Medium) => Medium = (medium) => medium) {
    this.random = new SeededRandom(seed);
    this.mutate = mutate;
    this.sizes = {
      valueBytes: this.random.pick([300, 2000]),
      recordBytes: this.random.pick([600, 100_000]),
      segmentBytes: this.random.pick([400, 4000, 1_000_000]),
      roomBytes: this.random.pick([0, 100, 3000]),
    };
  }

  async run(steps: number): Promise<void> {
    this.backend = await this.open();
    for (let step = 1; step <= steps; step++) {
      const action = this.random.pick(ACTIONS);
      try {
        await this[action]();
      } catch (cause) {
        if (this.medium.isDown || isZspineError(cause, "ZSPINE_IO")) await this.cut();
        else throw new Error(`step ${step}, ${action}: ${String(cause)}`, { cause });
      }
    }
    await this.cut();
    await this.backend.close();
  }

  async commit(): Promise<void> {
    const { random } = this;
    const options: WriteOptions = { durability: random.pick(["sync", "relaxed"] as const) };
    const number = this.newest + 1;
    const ops = this.ops(random.int(0, 4), number);
    for (const [name, known] of this.values) {
      if (known.isRemoved || !random.chance(0.15) || known.since >= number) continue;
      known.isRemoved = true;
      ops.push({ type: "remove", name });
    }
    // Whatever becomes of it, it was called.
    this.newest = number;
    await this.backend.createHead(number, bytesOf(`head ${number}`, 40), ops, options);
    if (options.durability === "sync") this.synced = number;
  }

  async write(): Promise<void> {
    const options: WriteOptions = { durability: this.random.pick(["sync", "relaxed"] as const) };
    const ops = this.ops(this.random.int(1, 3), this.newest + 1);
    await this.backend.write(ops, options);
    if (options.durability === "sync") for (const { name } of ops) this.values.get(name)!.since = 0;
  }

  async read(): Promise<void> {
    await this.check(this.backend, this.newest);
  }

  /** Another process finds what was acknowledged. */
  async readBeside(): Promise<void> {
    const reader = await openFileBackend(PLACE, this.medium.open(), { readOnly: true }, this.sizes);
    await this.check(reader, this.newest);
    await this.commit();
    await this.check(reader, this.newest);
    await reader.close();
  }

  async reopen(): Promise<void> {
    await this.backend.close();
    if (!this.medium.isDown) await this.restart(this.newest);
  }

  async kill(): Promise<void> {
    this.medium.kill();
    await this.restart(this.newest);
  }

  async cut(): Promise<void> {
    this.medium.cut(this.random);
    await this.restart(this.synced);
  }

  async cutSoon(): Promise<void> {
    this.medium.cutAt = this.medium.changes + this.random.int(1, 15);
  }

  /** A disk that is full refuses, has done nothing then, and has room again a few calls later. */
  async fill(): Promise<void> {
    this.medium.isFull = true;
    for (let calls = this.random.int(1, 4); calls > 0; calls--) {
      const { newest } = this;
      // One of that number that a power cut took back may have removed more than its head now says.
      const kept = [...this.values.values()].filter(({ isRemoved }) => !isRemoved);
      try {
        await this.commit();
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || !error.determinate || this.medium.isDown) throw error;
        this.refused++;
        this.newest = newest;
        // It was not removed, nor put.
        for (const known of this.values.values()) if (known.since > newest) known.since = Infinity;
        for (const known of kept) known.isRemoved = false;
      }
      this.medium.isFull = this.random.chance(0.5);
    }
    this.medium.isFull = false;
  }

  async failSoon(): Promise<void> {
    const { medium, random } = this;
    if (random.chance(0.3)) medium.loseAnswer(random.int(1, 3));
    else medium.fault = { at: medium.syncs + random.int(1, 6), isLasting: random.chance(0.3) };
  }

  private async restart(least: number): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        this.backend = await this.open();
        break;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_IO") || tries > 3) throw error;
        this.medium.cut(this.random);
        least = this.synced;
      }
    }
    const found = await this.check(this.backend, least);
    if (found < this.newest) this.lost++;
    // What is read once it is open is durable.
    this.newest = this.synced = found;
  }

  /** Checks the newest head and all values that it can count on; gives its number. */
  private async check(backend: Backend, least: number): Promise<number> {
    const head = await backend.readHead();
    const number = head?.number ?? 0;
    if (number < least || number > this.newest)
      throw new Error(`head ${number} is there, where it is to be from ${least} to ${this.newest}`);
    if (head !== undefined) same(`head ${number}`, head.bytes, bytesOf(`head ${number}`, 40));
    if (number > 1)
      same(
        `head ${number - 1}`,
        (await backend.readHead(number - 1))?.bytes,
        bytesOf(`head ${number - 1}`, 40),
      );
    const listed = new Set<string>();
    let last = "";
    for await (const name of backend.list("")) {
      if (name <= last) throw new Error(`"${name}" is listed after "${last}"`);
      listed.add((last = name));
    }
    for (const [name, { since, isRemoved }] of this.values) {
      if (isRemoved) continue;
      const bytes = bytesOf(name, sizeOf(name));
      try {
        same(name, await backend.get(name), bytes);
        same(`${name} at once`, backend.getSync!(name, { offset: 1, length: 3 }), bytes.subarray(1, 4));
        if (!listed.has(name)) throw new Error(`"${name}" is not listed, and missing`);
      } catch (error) {
        // What was written relaxed, or was never acknowledged, may be torn.
        if (since <= least || this.medium.isDown) throw error;
        this.values.delete(name);
      }
    }
    return number;
  }

  private ops(count: number, since: number): WriteOp[] {
    return Array.from({ length: count }, () => {
      const name = `v/${String(++this.names).padStart(5, "0")}-${this.random.pick([10, 90, 250, 500, 3000])}`;
      this.values.set(name, { since, isRemoved: false });
      return { type: "put", name, bytes: bytesOf(name, sizeOf(name)) };
    });
  }

  private async open(): Promise<Backend> {
    const medium = this.mutate(this.medium.open());
    const counted: Medium = {
      ...medium,
      rename: (from, to) => {
        if (to.includes("/journal/")) this.segments++;
        return medium.rename(from, to);
      },
    };
    return openFileBackend(PLACE, counted, {}, this.sizes);
  }
}

const sizeOf = (name: string): number => Number(name.split("-")[1]);

function bytesOf(text: string, length: number): Uint8Array {
  const pattern = new TextEncoder().encode(text);
  return Uint8Array.from({ length }, (_, at) => pattern[at % pattern.length]! ^ (at >> 5));
}

function same(what: string, found: Uint8Array | undefined, expected: Uint8Array): void {
  if (found === undefined) throw new Error(`${what} is missing`);
  if (Buffer.compare(found, expected) !== 0) throw new Error(`${what} has other bytes`);
}

const ACTIONS = [
  ...Array.from({ length: 10 }, () => "commit" as const),
  ...Array.from({ length: 4 }, () => "write" as const),
  "read",
  "readBeside",
  "reopen",
  "kill",
  "cut",
  "cutSoon",
  "cutSoon",
  "failSoon",
  "fill",
] as const;
