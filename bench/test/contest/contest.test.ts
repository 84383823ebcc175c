import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Contest, type Effort, type Ring } from "../../src/contest/contest.ts";
import { Contestant, type Start } from "../../src/contest/contestant.ts";
import { isPlayed, type Figures } from "../../src/report/result.ts";
import type { Row } from "../../src/suite/row.ts";
import type { Answers } from "../../src/workload/answers.ts";

const fake = fileURLToPath(new URL("fake.mjs", import.meta.url));
const startOf = (manner: string): Start => ({ command: process.execPath, args: [fake, manner] });
const answers: Answers = {
  n: 10,
  rows: 10,
  distinctKeys: 10,
  repeated: 0,
  checksum: 7,
  scan: 7,
  values: 7,
  found: {},
  ranges: { keys: 0, rows: 0, sum: 0 },
};
const effort: Effort = { warmUpRuns: 1, warmUpSeconds: 0, runs: 3, runsMost: 3, seconds: 0, patience: 60 };

function rowOf(contestants: readonly string[], more: Partial<Row> = {}): Row {
  return {
    part: "bulk",
    title: "sum",
    work: "sum",
    kind: "int",
    n: 10,
    units: 10,
    contestants,
    answer: ({ scan }) => scan,
    check: ({ checksum }) => checksum,
    ...more,
  };
}

async function play(row: Row, ring: Partial<Ring> = {}): ReturnType<Contest["play"]> {
  const contest = new Contest({ start: startOf, answersOf: () => answers, effort, ...ring });
  try {
    return await contest.play(row);
  } finally {
    await contest.endAll();
  }
}

function figuresOf(found: unknown): Figures {
  if (!isPlayed(found as Figures)) throw new Error(JSON.stringify(found));
  return found as Figures;
}

describe("Contest", () => {
  it("runs contestants by turns after they have warmed up, and takes medians", async () => {
    const { contestants, id, checksum } = await play(rowOf(["right", "other"]));
    expect(id).toBe("sum, int, 10 rows");
    expect(checksum).toBe(7);
    for (const name of ["right", "other"]) {
      const { runs, wall, cpu, more } = figuresOf(contestants[name]);
      // The first run is not counted.
      expect({ runs, wall, cpu: cpu.median, extra: more["extra"] }).toEqual({
        runs: 3,
        wall: { least: 2, median: 3, most: 4 },
        cpu: 1.5,
        extra: 30,
      });
    }
  });

  it.each([
    ["wrong check", "wrong: checked 8, not 7"],
    ["wrong later", "wrong: answered 8, not 7"],
    ["crashes", "ended with code 3: Error: out of ideas"],
    ["babbles", 'answered what is not JSON: "hello"'],
    ["refuses", "no such work"],
  ])("leaves a contestant out that has %s, and says why; the other goes on", async (manner, reason) => {
    const { contestants } = await play(rowOf(["right", manner]));
    expect(contestants[manner]).toEqual({ void: reason });
    expect(figuresOf(contestants["right"]).runs).toBe(3);
  });

  it("leaves out who is not installed and who is not there", async () => {
    const start = (name: string): Start | string =>
      name === "absent"
        ? "it is not installed"
        : name === "nowhere"
          ? { command: "/no/such", args: [] }
          : startOf(name);
    const { contestants } = await play(rowOf(["absent", "nowhere", "right"]), { start });
    expect(contestants["absent"]).toEqual({ void: "it is not installed" });
    expect(contestants["nowhere"]).toEqual({ void: expect.stringContaining("could not be started") });
    expect(figuresOf(contestants["right"]).runs).toBe(3);
  });

  it("leaves out who does not answer in time", async () => {
    const { contestants } = await play(rowOf(["hangs"]), { effort: { ...effort, patience: 0.2 } });
    expect(contestants["hangs"]).toEqual({ void: 'no answer to "open sum int 10" in 0.2 s' });
  });

  it("gives each run a process of its own where a row asks for it, and counts its last run", async () => {
    const { contestants } = await play(rowOf(["right"], { fresh: 2, runs: 2 }));
    const { runs, wall } = figuresOf(contestants["right"]);
    expect(runs).toBe(2);
    expect(wall).toEqual({ least: 2, median: 2, most: 2 });
  });

  it("keeps processes over the rows of a scene, but for those that were left out", async () => {
    const contest = new Contest({ start: startOf, answersOf: () => answers, effort });
    const row = rowOf(["right", "wrong later"], { scene: "one" });
    const pids = async (): Promise<unknown> => {
      const { contestants } = await contest.play(row);
      return figuresOf(contestants["right"]).more["pid"];
    };
    const first = await pids();
    expect(await pids()).toBe(first);
    await contest.endAll();
    expect(await pids()).not.toBe(first);
    await contest.endAll();
  });

  it("prepares each contestant once, and leaves out whom that fails for", async () => {
    const contest = new Contest({ start: startOf, answersOf: () => answers, effort });
    const { contestants } = await contest.play(rowOf(["right", "crashes"], { prepare: "fill" }));
    await contest.endAll();
    expect(contestants["crashes"]).toEqual({ void: "ended with code 3: Error: out of ideas" });
    expect(figuresOf(contestants["right"]).runs).toBe(3);
  });

  it("fails and leaves no process behind when it is interrupted", async () => {
    const interrupted = new AbortController();
    const contest = new Contest({
      start: (name) => {
        setTimeout(() => interrupted.abort(new Error("interrupted")), 100);
        return startOf(name);
      },
      answersOf: () => answers,
      effort,
      signal: interrupted.signal,
    });
    await expect(contest.play(rowOf(["hangs"]))).rejects.toThrow("interrupted");
    await contest.endAll();
  });
});

describe("Contestant", () => {
  it("ends a process that does not listen", async () => {
    const contestant = new Contestant("stubborn", startOf("stubborn"));
    await contestant.ask("open", 60);
    const { pid } = await contestant.ask("run", 60);
    expect(contestant.peakBytes() ?? 1).toBeGreaterThan(0);
    await contestant.kill();
    expect(() => process.kill(pid as number, 0)).toThrow("ESRCH");
  });
});
