import { S3Backend } from "../../src/backend/s3-backend.ts";
import type { Fetch } from "../../src/client/http.ts";
import { FakeS3, type FakeFault, type FakeRequest } from "../../src/fake.ts";
import { headNumber, HEADS } from "../../src/layout/keys.ts";
import { plainBucket, quiet } from "../plain-bucket.ts";

/** A request that waits to be done. */
interface Pending {
  readonly process: string;
  readonly what: string;
  go(): void;
}

/** One course of events: handles over one fake service, whose requests are done one at a time, in an order that is chosen. */
export class Course {
  readonly fake: FakeS3 = new FakeS3({ takesUnsigned: true });
  readonly pending: Pending[] = [];
  /** What each process has been answered, which tells all about it. */
  readonly #told = new Map<string, string>();
  readonly #opened: string[] = [];
  isFree = true;

  constructor() {
    this.fake.gate = (request, when) =>
      when === "after" || this.isFree ? Promise.resolve() : this.#wait(request);
  }

  /** Opens a handle; `process` is its name. */
  async open(process: string, readOnly = false, block = 2): Promise<S3Backend> {
    this.#opened.push(process);
    const clock = { now: () => 0, random: () => 0, schedule: () => () => undefined };
    const fetch: Fetch = async (url, request) => {
      const headers = { ...request.headers, process };
      const answer = await this.fake.options.fetch(url, { ...request, headers });
      const body = new Uint8Array(await answer.arrayBuffer());
      const told = `${request.method} ${url} ${answer.status} ${digest(body)}`;
      this.#told.set(process, digestText(`${this.#told.get(process) ?? ""};${told}`));
      return { ...answer, arrayBuffer: () => Promise.resolve(body.buffer) };
    };
    const bucket = plainBucket(this.fake, clock, { fetch });
    const [newest] = (await bucket.list(HEADS, "opening", undefined, 1)).keys;
    const head = newest === undefined ? 0 : headNumber(newest);
    let chance = digestNumber(process);
    const random = (): number => (chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0);
    return new S3Backend({
      bucket,
      name: process,
      role: readOnly ? "reader" : "writer",
      block,
      inlineBytes: 4,
      random,
      listed: { head, edits: [] },
    });
  }

  /** What is there and what everyone knows: courses that agree in it go on alike. */
  get state(): string {
    const { objects } = this.fake;
    const there = objects.keys().map((key) => `${key}=${digest(objects.bytes(key)!)}`);
    const known = [...this.#told].sort().map(([process, told]) => `${process}:${told}`);
    return [...there, ...known, ...this.pending.map(({ process, what }) => `${process}?${what}`).sort()].join(
      "\n",
    );
  }

  #wait({ method, key, isList, query, headers }: FakeRequest): Promise<void> {
    return new Promise((go) => {
      const what = `${method} ${isList ? `list ${query["prefix"]!}` : key}`;
      this.pending.push({ process: headers["process"]!, what, go });
      // So that the first order is that in which one process after the other comes to its end.
      this.pending.sort((one, two) => this.#opened.indexOf(one.process) - this.#opened.indexOf(two.process));
    });
  }
}

/** What a scenario is: what was there before, what runs, and what holds after each step and in the end. */
export interface Scenario {
  /** Makes handles and what is there before; starts what runs when the course is free no more. */
  begin(
    course: Course,
  ): Promise<{ readonly run: () => Promise<void>; readonly check: (isOver: boolean) => void }>;
  misbehave?: (request: FakeRequest) => FakeFault | undefined;
}

/** What an exploration has come to. */
export interface Explored {
  readonly states: number;
  readonly courses: number;
  /** The steps that lead to a law being broken, and what was found. */
  readonly broken: { readonly steps: readonly string[]; readonly error: unknown } | undefined;
}

/** Goes through all orders of requests of a scenario, up to `statesMax` states; ends where a law is broken. */
export async function explore(scenario: Scenario, statesMax: number): Promise<Explored> {
  const seen = new Set<string>();
  const open: number[][] = [[]];
  let courses = 0;
  for (let choices = open.pop(); choices !== undefined && seen.size < statesMax; choices = open.pop()) {
    courses++;
    const steps: string[] = [];
    try {
      await follow(scenario, choices, steps, seen, open);
    } catch (error) {
      return { states: seen.size, courses, broken: { steps, error } };
    }
  }
  return { states: seen.size, courses, broken: undefined };
}

/** Follows choices, and from there on the first of each; what else could be chosen is left open. */
async function follow(
  scenario: Scenario,
  choices: readonly number[],
  steps: string[],
  seen: Set<string>,
  open: number[][],
): Promise<void> {
  const course = new Course();
  const { run, check } = await scenario.begin(course);
  if (scenario.misbehave !== undefined) course.fake.misbehave = scenario.misbehave;
  course.isFree = false;
  let isOver = false;
  let failure: { error: unknown } | undefined;
  run().then(
    () => (isOver = true),
    (error: unknown) => (failure = { error }),
  );
  const made: number[] = [];
  for (;;) {
    await quiet();
    if (failure !== undefined) throw failure.error;
    check(false);
    if (course.pending.length === 0) break;
    let choice = choices[made.length];
    if (choice === undefined) {
      const { state } = course;
      // Whatever follows was gone through from there.
      if (seen.has(state)) return;
      seen.add(state);
      for (let other = 1; other < course.pending.length; other++) open.push([...made, other]);
      choice = 0;
    }
    made.push(choice);
    const [next] = course.pending.splice(choice, 1);
    steps.push(`${next!.process}: ${next!.what}`);
    next!.go();
  }
  if (!isOver) throw new Error("it came to no end, and nothing is under way");
  check(true);
}

function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${bytes.length}.${hash.toString(36)}`;
}

function digestText(text: string): string {
  return digest(new TextEncoder().encode(text));
}

function digestNumber(text: string): number {
  return Number.parseInt(digestText(text).split(".")[1]!, 36);
}
