import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { file } from "@zspine/backend-file";
import { SeededRandom } from "@zspine/conformance";
import { expect } from "vitest";
import { z } from "zod";
import { compactors, openStore, type Store } from "../../../src/index.ts";

const ROWS = { key: z.int32(), value: z.string() };
/** Calls of a compactor, at one of which it ends or stops: a merge takes about so many. */
const CALLS = 30;

/** What became of compactors. */
export interface CompactorFates {
  killed: number;
  stopped: number;
  /** Results that were handed over. */
  handed: number;
}

/**
 * A writer, and two compactors in processes of their own, each killed or stopped (SIGSTOP) at a call that is drawn from the
 * seed, and others in their place. Who was stopped goes on (SIGCONT) when the writer has long made the merge itself.
 */
export async function runCompactorProcesses(
  program: string,
  location: string,
  seed: number,
  rounds: number,
): Promise<CompactorFates> {
  const random = new SeededRandom(seed);
  const fates: CompactorFates = { killed: 0, stopped: 0, handed: 0 };
  const model = new Map<number, number>();
  const workers = [
    new Worker(program, location, random, fates),
    new Worker(program, location, random, fates),
  ];
  let store = await open(location);
  try {
    for (let round = 0; round < rounds; round++) {
      // One of them at least is there to take what is offered.
      await Promise.race(workers.map((worker) => worker.ready));
      await insert(store, model, random);
      await store.compact();
      expect(await textOf(store), `seed ${seed}, round ${round}`).toBe(textOfModel(model));
      for (const worker of workers) worker.goOn();
      // Who was stopped goes on beside the next writer; that offers at once, also where nobody took what this one did.
      await store.close();
      store = await open(location);
      expect(await textOf(store), `seed ${seed}, opened again in round ${round}`).toBe(textOfModel(model));
    }
    expect(await store.verify(), `seed ${seed}`).toMatchObject({ isSound: true });
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await store.close();
  }
  await using again = await open(location);
  expect(await textOf(again), `seed ${seed}`).toBe(textOfModel(model));
  return fates;
}

function open(location: string): Promise<Store> {
  return openStore({
    backend: file({ location }),
    strategy: { name: "never", choose: () => undefined },
    // Whoever is stopped or dead has had time enough.
    compactors: compactors({ bytesLeast: 0, takenMs: 2000, doneMs: 400, pollMs: 5 }),
  });
}

async function insert(store: Store, model: Map<number, number>, random: SeededRandom): Promise<void> {
  const trace = await store.trace("t", { ...ROWS, create: true });
  for (let batch = 0; batch < 3; batch++) {
    const from = random.int(0, 200);
    for (let key = from; key < from + 150; key++) {
      const weight = random.pick([1, 1, -1]);
      trace.insert(key, "a row", weight);
      model.set(key, (model.get(key) ?? 0) + weight);
    }
    await store.commit();
  }
}

async function textOf(store: Store): Promise<string> {
  const rows: string[] = [];
  const trace = await store.trace("t", { ...ROWS, create: true });
  for await (const { key, weight } of trace.rows()) rows.push(`${key}:${weight}`);
  return rows.join(" ");
}

function textOfModel(model: ReadonlyMap<number, number>): string {
  const rows = [...model].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
  return rows.map(([key, weight]) => `${key}:${weight}`).join(" ");
}

/** One compactor after another, each with a fate of its own. */
class Worker {
  private readonly program: string;
  private readonly location: string;
  private readonly random: SeededRandom;
  private readonly fates: CompactorFates;
  private child!: ChildProcess;
  private isStopped = false;
  private isEnding = false;
  private calls = 0;
  private endsAt = 0;
  /** Resolves when there is a process that takes what is offered. */
  ready!: Promise<void>;

  constructor(program: string, location: string, random: SeededRandom, fates: CompactorFates) {
    this.program = program;
    this.location = location;
    this.random = random;
    this.fates = fates;
    this.start();
  }

  /** Has one that was stopped go on: the writer does not wait for it any more. */
  goOn(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.calls = 0;
    this.child.kill("SIGCONT");
    this.child.send("go on");
  }

  async end(): Promise<void> {
    this.isEnding = true;
    const { child } = this;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  private start(): void {
    const { fates, random } = this;
    this.calls = 0;
    this.endsAt = random.int(1, CALLS);
    const child = fork(this.program, [this.location], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.child = child;
    let isReady = (): void => undefined;
    this.ready = new Promise((resolve) => (isReady = resolve));
    child.on("message", (call: string) => {
      if (call === "ready") {
        isReady();
        return;
      }
      if (call.endsWith("/done")) fates.handed++;
      if (++this.calls !== this.endsAt) child.send("go on", () => undefined);
      else if (random.chance(0.5)) {
        fates.killed++;
        child.kill("SIGKILL");
      } else {
        fates.stopped++;
        this.isStopped = true;
        child.kill("SIGSTOP");
      }
    });
    child.once("exit", () => {
      if (!this.isEnding) this.start();
    });
  }
}
