import { beforeAll, expect, it } from "vitest";
import { readAirports } from "../src/airports.ts";
import { findDifferences } from "../src/comparison.ts";
import { findDataFolder } from "../src/data-folder.ts";
import { runJob, type JobReport } from "../src/job.ts";
import { formatReport } from "../src/report.ts";
import { exitCodeOf } from "../src/run.ts";
import type { Result } from "../src/result.ts";
import type { DelayStatistics } from "../src/schemas.ts";
import { sampleSource } from "./sample-source.ts";

interface Statistics {
  readonly value: DelayStatistics;
  readonly weight: number;
}

const usage = { peakRssBytes: 0, where: undefined, diskBytes: undefined };
let job: JobReport;

beforeAll(async () => {
  job = await runJob({
    flights: sampleSource(5000),
    airports: await readAirports(findDataFolder().airports),
    place: { backend: "memory", location: undefined },
    onOpen: () => undefined,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
});

it("runJob() commits each day with its offset and finds what a recomputation finds", () => {
  expect(job.differences).toEqual([]);
  expect(job.stats).toMatchObject({ commits: 10, commitFailures: 0 });
  expect(job.position).toMatchObject({ days: 10, offset: 5000, day: "2001-01-10" });
  expect(job.corrections).toBeGreaterThan(50);
  expect(formatReport(job, usage)).toContain("Check: PASS");
});

const route = "ATL → BOS";

/** Gives the result of the job with other rows for the route, as an error of an operator would leave them. */
function withStatistics(rows: (right: Statistics) => readonly Statistics[]): Result {
  const [right] = job.result.statistics.get(route)!;
  return { ...job.result, statistics: new Map(job.result.statistics).set(route, rows(right!)) };
}

it.each<{ what: string; falsify: () => Result; difference: string }>([
  {
    what: "a mean is wrong by the least that a number can be",
    falsify: () =>
      withStatistics(({ value, weight }) => {
        const meanDelay = value.meanDelay * (1 + Number.EPSILON);
        return [{ value: { ...value, meanDelay }, weight }];
      }),
    difference: route,
  },
  { what: "a route is missing", falsify: () => withStatistics(() => []), difference: route },
  {
    what: "an old result was not retracted",
    falsify: () => withStatistics((right) => [{ ...right, value: { ...right.value, flights: 1 } }, right]),
    difference: route,
  },
  {
    what: "a result is there twice",
    falsify: () => withStatistics(({ value }) => [{ value, weight: 2 }]),
    difference: route,
  },
  {
    what: "the ranking is short of a route",
    falsify: () => ({ ...job.result, worst: job.result.worst.slice(0, -1) }),
    difference: "place 10",
  },
  {
    what: "a flight got lost",
    falsify: () => ({ ...job.result, flights: job.result.flights - 1 }),
    difference: "flights",
  },
])("the check fails when $what", ({ falsify, difference }) => {
  const result = falsify();
  const differences = findDifferences(result, job.result, job.position.offset);

  expect(differences).toHaveLength(1);
  expect(differences[0]).toContain(`${difference}: kept`);
  expect(formatReport({ ...job, result, differences }, usage)).toContain("Check: FAIL");
  expect(exitCodeOf({ differences })).toBe(1);
});

it("the check fails when fewer flights are stored than were read", () => {
  expect(findDifferences(job.result, job.result, job.position.offset + 1)).toHaveLength(1);
});
