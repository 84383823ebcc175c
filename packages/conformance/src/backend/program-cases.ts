import type { Backend, WriteOp } from "@zspine/core";
import {
  AssertionFailure,
  assertRejects,
  assertSame,
  assertSameBytes,
  assertSameList,
  describeError,
} from "../assertion/assertion.ts";
import type { SeededRandom } from "../random/seeded-random.ts";
import type { BackendCase } from "./backend-case.ts";
import type { BackendFixture } from "./backend-fixture.ts";
import { BackendModel } from "./backend-model.ts";
import { listNames, put, remove } from "./sample.ts";

const STEPS = 400;
const STEPS_BETWEEN_REOPENINGS = 25;
const NAMES = ["a", "a/1", "a/1/x", "a/2", "a-1", "b", "b/1", "batch/10", "batch/9", "batch/9/0", "c", "c.0"];
const PREFIXES = ["", "a", "a/", "b", "batch/9", "c", "d"];

/** A program in progress: a backend, the model that it must agree with, and the chance that drives it. */
interface Program {
  backend: Backend;
  readonly model: BackendModel;
  readonly random: SeededRandom;
}

type Step = (program: Program) => Promise<void>;

function randomOps({ random, model }: Program, count: number, isDistinct: boolean): WriteOp[] {
  // What the operations so far leave there: a name is put only when it is not there.
  const there = new Set(model.values.keys());
  const names = isDistinct
    ? random.shuffle(NAMES).slice(0, count)
    : Array.from({ length: count }, () => random.pick(NAMES));
  return names.map((name) => {
    if (there.has(name) || random.chance(0.1)) {
      there.delete(name);
      return remove(name);
    }
    there.add(name);
    return put(name, random.bytes(random.chance(0.1) ? 0 : random.int(1, 200)));
  });
}

const STEP_KINDS: readonly Step[] = [
  async function write(program) {
    const ops = randomOps(program, program.random.int(0, 6), false);
    await program.backend.write(ops, { durability: program.random.pick(["sync", "relaxed"]) });
    program.model.apply(ops);
  },
  async function createHead(program) {
    const { backend, model, random } = program;
    const bytes = random.bytes(random.int(0, 100));
    // No name twice: a medium that is not atomic removes only after the head is there.
    const ops = randomOps(program, random.int(0, 4), true);
    await backend.createHead(model.newest + 1, bytes, ops);
    model.createHead(bytes, ops);
  },
  async function createWrongHead({ backend, model, random }) {
    const number = random.pick([0, 1, model.newest - 1, model.newest, model.newest + 2]);
    if (number === model.newest + 1 || number < 0) return;
    const create = () => backend.createHead(number, random.bytes(5), []);
    await assertRejects("ZSPINE_CONFLICT", create, `createHead(${number}) after ${model.newest}`);
  },
  async function get({ backend, model, random }) {
    const name = random.pick(NAMES);
    assertSameBytes(await backend.get(name), model.values.get(name), `get("${name}")`);
    if (backend.getSync === undefined) return;
    assertSameBytes(backend.getSync(name), model.values.get(name), `getSync("${name}")`);
  },
  async function getRange({ backend, model, random }) {
    const name = random.pick(NAMES);
    const value = model.values.get(name);
    const offset = random.int(0, value?.length ?? 10);
    const length = random.int(0, (value?.length ?? 10) - offset);
    const part = value?.subarray(offset, offset + length);
    const what = `get("${name}"), ${length} from ${offset}`;
    assertSameBytes(await backend.get(name, { offset, length }), part, what);
  },
  async function list({ backend, model, random }) {
    const prefix = random.pick(PREFIXES);
    assertSameList(await listNames(backend, prefix), model.names(prefix), `list("${prefix}")`);
  },
  async function readHead({ backend, model }) {
    const head = await backend.readHead();
    assertSame(head?.number ?? 0, model.newest, "the number of the newest head");
    assertSameBytes(head?.bytes, model.heads.get(model.newest), "readHead()");
    if (model.newest < 2) return;
    const previous = await backend.readHead(model.newest - 1);
    assertSameBytes(previous?.bytes, model.heads.get(model.newest - 1), "the head before the newest");
  },
];

async function checkAll({ backend, model }: Program): Promise<void> {
  assertSameList(await listNames(backend), model.names(""), "list()");
  for (const [name, bytes] of model.values) assertSameBytes(await backend.get(name), bytes, `get("${name}")`);
  assertSameBytes((await backend.readHead())?.bytes, model.heads.get(model.newest), "readHead()");
}

async function runProgram(fixture: BackendFixture, reopens: boolean): Promise<void> {
  const program: Program = {
    backend: await fixture.open(),
    model: new BackendModel(),
    random: fixture.random,
  };
  for (let at = 1; at <= STEPS; at++) {
    const step = program.random.pick(STEP_KINDS);
    try {
      if (reopens && at % STEPS_BETWEEN_REOPENINGS === 0) {
        await program.backend.close();
        program.backend = await fixture.reopen(program.backend);
        await checkAll(program);
      }
      await step(program);
    } catch (error) {
      throw new AssertionFailure(`step ${at}, ${step.name}: ${describeError(error)}`, { cause: error });
    }
  }
  await checkAll(program);
}

/** Random programs: whatever is done in whatever order, a backend agrees with the model. */
export const programCases: readonly BackendCase[] = [
  {
    name: `a random program of ${STEPS} steps agrees with the model`,
    isSeeded: true,
    run: (fixture) => runProgram(fixture, false),
  },
  {
    name: `a random program of ${STEPS} steps agrees with the model, closed and reopened every ${STEPS_BETWEEN_REOPENINGS}`,
    needs: ["durable"],
    isSeeded: true,
    run: (fixture) => runProgram(fixture, true),
  },
];
