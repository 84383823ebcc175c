import { faultAt, type Fault } from "@zspine/conformance";
import { isZspineError } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { createStorageManager, type StorageManager } from "../src/index.ts";
import { contentOf, fill } from "./content.ts";
import { FaultyDisk } from "./faulty-disk.ts";

const FAULTS: readonly Fault[] = [{ type: "before" }, { type: "after" }, { type: "torn", applied: 1 }];
/** A mode, and the one that a store is switched to. */
export type Switch = readonly [from: string, to: string];

interface Stage {
  readonly disks: readonly [FaultyDisk, FaultyDisk];
  readonly manager: StorageManager;
  /** What the stores `a` and `b` hold. */
  readonly content: string;
}

function managerOver(disks: Stage["disks"]): Promise<StorageManager> {
  const backends = disks.map(({ plugin }) => plugin);
  return createStorageManager({ location: "here", backends, budget: { bytes: 2 ** 26, policy: "fixed" } });
}

async function stage(mode: string): Promise<Stage> {
  const disks = [new FaultyDisk("one"), new FaultyDisk("two")] as const;
  const manager = await managerOver(disks);
  for (const [name, of] of [
    ["a", mode],
    ["b", "hybrid"],
  ] as const) {
    const store = await manager.create(name, { mode: of });
    await fill(store, 0, 40);
    await fill(store, 20, 60);
  }
  return { disks, manager, content: await contentOf(await manager.get("a")) };
}

/** Has one kind of fault strike at every call of some work, one run for each; gives how many runs there were. */
async function atEveryCall(
  mode: string,
  fault: Fault,
  isOnwards: boolean,
  work: (stage: Stage) => Promise<unknown>,
  check: (stage: Stage, error: unknown) => Promise<void>,
): Promise<number> {
  for (let call = 1; ; call++) {
    const run = await stage(mode);
    let struck = 0;
    const plan = faultAt(call, fault, { isOnwards });
    for (const disk of run.disks)
      disk.plan = (made) => {
        const found = plan(made);
        if (found !== undefined) struck++;
        return found;
      };
    let error: unknown;
    try {
      await work(run);
    } catch (thrown) {
      error = thrown;
    }
    for (const disk of run.disks) disk.plan = () => undefined;
    expect(error === undefined || isZspineError(error), String(error)).toBe(true);
    await check(run, error);
    await run.manager.close();
    if (struck === 0) return call;
  }
}

/** The places of the disks that are no store's. */
async function leftovers({ disks, manager }: Stage): Promise<number> {
  const onDisk = (await manager.list()).filter(({ mode }) => mode !== "memory");
  return disks.flatMap(({ places }) => places).length - onDisk.length - 1;
}

/** Groups of tests: a fault strikes at each call of a switch, of every kind, once and for good. */
export function faultySwitches(switches: readonly Switch[]): void {
  for (const [from, to] of switches) {
    describe(`R9 a fault at any call of a switch from ${from} to ${to}`, () => {
      for (const isOnwards of [false, true]) {
        for (const fault of FAULTS) {
          it(`leaves the store as before or after, whole: ${fault.type}, ${isOnwards ? "for good" : "once"}`, async () => {
            const runs = await atEveryCall(
              from,
              fault,
              isOnwards,
              ({ manager }) => manager.switchMode("a", to),
              async (run, error) => {
                const { content, disks, manager } = run;
                const a = await manager.get("a");
                expect(await contentOf(a)).toBe(content);
                expect(await contentOf(await manager.get("b"))).toBe(content);
                const { mode } = (await manager.list())[0]!;
                if (error === undefined) expect(mode).toBe(to);
                else if (isZspineError(error) && error.determinate) expect(mode).toBe(from);
                // It is a store like any other, and no place is lost.
                await fill(a, 60, 70);
                const grown = await contentOf(a);
                while (!(await manager.maintain()).isDone);
                await manager.close();
                for (const disk of disks) disk.restart();
                await using again = await managerOver(disks);
                expect(await leftovers({ ...run, manager: again })).toBe(0);
                const names = (await again.list()).map(({ name }) => name);
                expect(names).toEqual(mode === "memory" ? ["b"] : ["a", "b"]);
                if (mode !== "memory") expect(await contentOf(await again.get("a"))).toBe(grown);
              },
            );
            expect(runs).toBeGreaterThan(1);
          });
        }
      }
    });
  }
}

/** A group of tests: the process ends at each call of a switch. */
export function endedSwitches(switches: readonly Switch[]): void {
  describe("R9 a process that ends at any call", () => {
    for (const [from, to] of switches) {
      it(`of a switch from ${from} to ${to} leaves the store as before or after, whole, and no half of one`, async () => {
        await atEveryCall(
          from,
          { type: "torn", applied: 1 },
          true,
          async ({ manager, disks }) => {
            await manager.switchMode("a", to).catch(() => undefined);
            for (const disk of disks) disk.restart();
          },
          async (run) => {
            // The manager of before is as good as gone; the next finds what there is.
            await using next = await managerOver(run.disks);
            const listed = await next.list();
            const mode = listed.find(({ name }) => name === "a")?.mode;
            expect([from, to, undefined]).toContain(mode);
            if (mode === undefined) expect([from, to]).toContain("memory");
            else expect(await contentOf(await next.get("a"))).toBe(run.content);
            expect(await contentOf(await next.get("b"))).toBe(run.content);
            expect(await leftovers({ ...run, manager: next })).toBe(0);
            await next.close();
            for (const disk of run.disks) disk.restart();
          },
        );
      });
    }
  });
}

/** A group of tests: a fault strikes at each call of create and delete. */
export function faultyLives(): void {
  describe("R9 a fault at any call of create and delete", () => {
    for (const isOnwards of [false, true]) {
      for (const fault of FAULTS) {
        it(`leaves a store or none: ${fault.type}, ${isOnwards ? "for good" : "once"}`, async () => {
          const runs = await atEveryCall(
            "one",
            fault,
            isOnwards,
            async ({ manager }) => {
              const made = await manager
                .create("new", { mode: "hybrid:two" })
                .catch((error: unknown) => error);
              await manager.delete("a");
              if (made instanceof Error) throw made;
            },
            async (run, error) => {
              const { content, disks, manager } = run;
              const names = (await manager.list()).map(({ name }) => name);
              if (error === undefined) expect(names).toEqual(["b", "new"]);
              for (const name of names) {
                const store = await manager.get(name);
                if (name !== "new") expect(await contentOf(store)).toBe(content);
              }
              while (!(await manager.maintain()).isDone);
              await manager.close();
              for (const disk of disks) disk.restart();
              await using again = await managerOver(disks);
              expect((await again.list()).map(({ name }) => name)).toEqual(names);
              expect(await leftovers({ ...run, manager: again })).toBe(0);
            },
          );
          expect(runs).toBeGreaterThan(1);
        });
      }
    }
  });
}
