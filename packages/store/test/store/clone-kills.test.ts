import { forward } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clone, cloneStore, detachClone, openStore, type Store } from "../../src/index.ts";
import { besidePlaces, type BesidePlaces } from "./beside-places.ts";

const ROWS = { key: z.int32(), value: z.string() };

/** Kills a process at its n-th call that writes: before that has had an effect, or after, and nothing it does has one then. */
class Fuse {
  calls = 0;
  isDead = false;
  private readonly at: number;
  private readonly isAfter: boolean;

  constructor(at: number, isAfter: boolean) {
    this.at = at;
    this.isAfter = isAfter;
  }

  wrap = (backend: Backend): Backend => {
    const { createHead, get, getSync, readHead, write, ...others } = forward(backend);
    return {
      ...others,
      get: (...given) => this.alive(() => get(...given)),
      ...(getSync && { getSync }),
      readHead: (...given) => this.alive(() => readHead(...given)),
      write: (...given) => this.count(() => write(...given)),
      createHead: (...given) => this.count(() => createHead(...given)),
    };
  };

  private async alive<T>(work: () => Promise<T>): Promise<T> {
    if (this.isDead) throw new Error("killed");
    return work();
  }

  private async count(work: () => Promise<void>): Promise<void> {
    if (this.isDead) throw new Error("killed");
    this.isDead = ++this.calls === this.at;
    if (!this.isDead || this.isAfter) await work();
    if (this.isDead) throw new Error("killed");
  }
}

async function insert(store: Store, value: string): Promise<void> {
  const trace = await store.trace("t", ROWS);
  for (let key = 0; key < 300; key++) trace.insert(key, value);
  await store.commit();
}

async function countOf(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { value } of (await store.trace("t", ROWS)).rows())
    counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

const BEFORE = { a: 300, b: 300 };
const AFTER = { ...BEFORE, own: 300 };

/** All that a clone goes through. */
async function live(source: BackendOpener, into: BackendOpener): Promise<void> {
  await cloneStore({ of: source, into, name: "trial" });
  const other = await openStore({ backend: source });
  await other.compact();
  await other.close();
  const copy = await openStore({ backend: clone({ of: source, into }) });
  await insert(copy, "own");
  await detachClone(copy);
  await copy.compact();
  await copy.close();
}

/** What must hold wherever it was killed: both are whole, or there is no clone yet; and nothing is kept in the end. */
async function check(places: BesidePlaces, where: string): Promise<void> {
  const [source, into] = [places.opener("source"), places.opener("clone")];
  const backend = await into.open();
  const isMade = (await backend.readHead()) !== undefined;
  await backend.close();
  // Over a clone that is not there, making it again goes on, whatever the first call has left.
  if (!isMade) await cloneStore({ of: source, into, name: "trial" });
  const store = await openStore({ backend: source });
  expect(await countOf(store), where).toEqual(BEFORE);
  expect((await store.verify()).problems, where).toEqual([]);
  await store.compact();
  await store.close();
  const copy = await openStore({ backend: clone({ of: source, into }) });
  expect([BEFORE, AFTER], where).toContainEqual(await countOf(copy));
  expect((await copy.verify()).problems, where).toEqual([]);
  if (await hasOrigin(into)) await detachClone(copy);
  await copy.close();
  const again = await openStore({ backend: source });
  expect(again.clones(), where).toEqual([]);
  await again.compact();
  await again.close();
  expect(
    (await places.values("source")).filter((name) => name.startsWith("loan/")),
    where,
  ).toEqual([]);
  const alone = await openStore({ backend: into });
  expect([BEFORE, AFTER], where).toContainEqual(await countOf(alone));
  await alone.close();
}

async function hasOrigin(into: BackendOpener): Promise<boolean> {
  const backend = await into.open({ readOnly: true });
  const bytes = await backend.get("loan/origin");
  await backend.close();
  return bytes !== undefined;
}

async function filled(): Promise<BesidePlaces> {
  const places = besidePlaces(false, 1024);
  const store = await openStore({ backend: places.opener("source") });
  await insert(store, "a");
  await insert(store, "b");
  await store.close();
  return places;
}

describe("F23 OT11 a process that clones, merges, detaches and dies", () => {
  for (const isAfter of [false, true]) {
    it(`leaves no clone or a whole one, ${isAfter ? "after" : "before"} each of its writes, and no hold for ever`, async () => {
      for (let at = 1; ; at++) {
        const places = await filled();
        const fuse = new Fuse(at, isAfter);
        const [source, into] = ["source", "clone"].map((place) => places.opener(place, fuse.wrap));
        await live(source!, into!).catch((error: unknown) => {
          if (!fuse.isDead) throw error;
        });
        const isKilled = fuse.isDead;
        places.crash("source");
        places.crash("clone");
        await check(places, `killed ${isAfter ? "after" : "before"} write ${at}`);
        if (!isKilled) {
          expect(fuse.calls).toBeGreaterThan(12);
          return;
        }
      }
    });
  }
});
