import type { Backend } from "@zspine/core";
import { assert, assertCode, assertSame, assertSameBytes, assertSameList } from "../assertion/assertion.ts";
import { outcomeOf } from "../assertion/outcome.ts";
import type { SeededRandom } from "../random/seeded-random.ts";
import type { BackendCase } from "./backend-case.ts";
import { put, remove, sampleBytes } from "./sample.ts";

const CONTENDERS = 32;
const ROUNDS = 10;

const bytesOf = (round: number, contender: number) => sampleBytes(8 + contender, round + contender);

/** Lets all contenders create head `round` at once, spread over `handles`; asserts that one does. */
async function race(handles: readonly Backend[], round: number, random: SeededRandom): Promise<void> {
  const contenders = random.shuffle(Array.from({ length: CONTENDERS }, (_, contender) => contender));
  const nameOf = (contender: number) => `round-${round}/${contender}`;
  const outcomes = await Promise.all(
    contenders.map((contender) => {
      const backend = random.pick(handles);
      const ops = [put(nameOf(contender), bytesOf(round, contender))];
      return outcomeOf(backend.createHead(round, bytesOf(round, contender), ops));
    }),
  );
  const winners = contenders.filter((_, at) => outcomes[at]?.ok);
  assertSame(winners.length, 1, `round ${round}: the number of winners of ${CONTENDERS}`);
  for (const outcome of outcomes) {
    if (!outcome.ok) assertCode(outcome.error, "ZSPINE_CONFLICT", `round ${round}: a loser`);
  }
  const winner = winners[0] as number;
  for (const backend of handles) {
    const head = await backend.readHead();
    assertSame(head?.number, round, `round ${round}: the newest head`);
    assertSameBytes(head?.bytes, bytesOf(round, winner), `round ${round}: the winner's head`);
    for (const contender of contenders) {
      const found = await backend.get(nameOf(contender));
      if (contender !== winner && found === undefined) continue;
      assertSameBytes(found, bytesOf(round, contender), `round ${round}: what contender ${contender} put`);
    }
  }
}

const WRITERS = 8;
const HEADS = 40;

/** Creates the head after the newest, over and over, until there are enough; tells which it created. */
async function writeHeads(backend: Backend, writer: number): Promise<number[]> {
  const created: number[] = [];
  for (let attempt = 0; attempt < WRITERS * HEADS; attempt++) {
    const number = ((await backend.readHead())?.number ?? 0) + 1;
    if (number > HEADS) break;
    const outcome = await outcomeOf(backend.createHead(number, sampleBytes(writer + 1, number), []));
    if (outcome.ok) created.push(number);
    else assertCode(outcome.error, "ZSPINE_CONFLICT", `writer ${writer} at head ${number}`);
  }
  return created;
}

/** Many writers at once: of all who create a head, one does. */
export const raceCases: readonly BackendCase[] = [
  {
    name: `createHead() lets exactly one of ${CONTENDERS} contenders create a head, in each of ${ROUNDS} rounds`,
    isSeeded: true,
    async run(fixture) {
      const backend = await fixture.open();
      for (let round = 1; round <= ROUNDS; round++) await race([backend], round, fixture.random);
    },
  },
  {
    name: `createHead() creates each of ${HEADS} heads once for ${WRITERS} writers that do not wait for one another`,
    async run(fixture) {
      const backend = await fixture.open();
      const writers = Array.from({ length: WRITERS }, (_, writer) => writeHeads(backend, writer));
      const created = (await Promise.all(writers)).flat().sort((a, b) => a - b);
      const numbers = Array.from({ length: HEADS }, (_, at) => at + 1);
      assertSameList(created, numbers, "the heads that somebody created");
      assertSame((await backend.readHead())?.number, HEADS, "the newest head");
    },
  },
  {
    name: "createHead() lets exactly one of many contenders on four handles create a head",
    needs: ["shared"],
    isSeeded: true,
    async run(fixture) {
      const first = await fixture.open();
      const handles = [first];
      while (handles.length < 4) handles.push(await fixture.reopen(first));
      for (let round = 1; round <= ROUNDS; round++) await race(handles, round, fixture.random);
    },
  },
  {
    name: "readHead() that finds a head finds what landed with it",
    async run(fixture) {
      const backend = await fixture.open();
      await backend.createHead(1, sampleBytes(1), [put("old", sampleBytes(9))]);
      const names = Array.from({ length: 8 }, (_, at) => `new/${at}`);
      const ops = [...names.map((name) => put(name, sampleBytes(100))), remove("old")];
      const created = backend.createHead(2, sampleBytes(2), ops);
      created.catch(() => undefined);
      for (let k = 0; k < 16; k++) {
        // The order matters: what the old head names must still be there when the old head is.
        const old = await backend.get("old");
        const head = await backend.readHead();
        assert(head !== undefined, `there is a head after ${k} turns`);
        if (old === undefined) assertSame(head.number, 2, `the head after the old value went, ${k} turns`);
        if (head.number === 2) {
          for (const name of names) assertSameBytes(await backend.get(name), sampleBytes(100), name);
        }
        await fixture.turns(1);
      }
      await created;
    },
  },
];
