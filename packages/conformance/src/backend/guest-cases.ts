import type { Backend } from "@zspine/core";
import {
  assert,
  assertCode,
  assertRejects,
  assertSame,
  assertSameBytes,
  assertSameList,
} from "../assertion/assertion.ts";
import { outcomeOf } from "../assertion/outcome.ts";
import type { SeededRandom } from "../random/seeded-random.ts";
import type { BackendCase } from "./backend-case.ts";
import { listNames, put, remove, sampleBytes } from "./sample.ts";

const CONTENDERS = 32;
const ROUNDS = 10;
// Of several sizes, for a medium may keep small values elsewhere than large ones.
const SIZES = [0, 1, 700, 100_000, 3_000_000];
const BAD_NAMES = ["", "/", "a/", "/a", "a//b", "..", "../a", "a/..", ".a", "A", "a b", "a\\b", "a\0", "é"];

/** Lets all contenders create one name at once, spread over `handles`; asserts that one does, and that all see it whole. */
async function race(handles: readonly Backend[], name: string, random: SeededRandom): Promise<void> {
  const contenders = random.shuffle(Array.from({ length: CONTENDERS }, (_, contender) => contender));
  const bytesOf = (contender: number) => sampleBytes(500 + contender, contender);
  const seen: (Uint8Array | undefined)[] = [];
  const created = await Promise.all(
    contenders.map(async (contender) => {
      const backend = random.pick(handles);
      const isWinner = await create(backend, name, bytesOf(contender));
      seen.push(await backend.get(name));
      return isWinner;
    }),
  );
  const winners = contenders.filter((_, at) => created[at]);
  assertSame(winners.length, 1, `${name}: the number of winners of ${CONTENDERS}`);
  for (const handle of handles) seen.push(await handle.get(name));
  for (const bytes of seen)
    assertSameBytes(bytes, bytesOf(winners[0]!), `${name}: what every contender sees`);
}

async function create(backend: Backend, name: string, bytes: Uint8Array): Promise<boolean> {
  assert(backend.create !== undefined, "create is there");
  const isDone = await backend.create(name, bytes);
  assert(typeof isDone === "boolean", "create() tells whether it did");
  return isDone;
}

/** Creating values, each once. */
const createCases: readonly BackendCase[] = [
  {
    name: "create() creates what is not there, and changes nothing of what is",
    needs: ["guests"],
    async run(fixture) {
      const backend = await fixture.open();
      for (const [at, size] of SIZES.entries()) {
        const name = `mail/${at}`;
        assertSame(await create(backend, name, sampleBytes(size, at)), true, `the first create() of ${name}`);
        assertSame(await create(backend, name, sampleBytes(size + 1)), false, `the second of ${name}`);
        assertSameBytes(await backend.get(name), sampleBytes(size, at), `get() of ${name}`);
        if (backend.getSync)
          assertSameBytes(backend.getSync(name), sampleBytes(size, at), `getSync() of ${name}`);
      }
      const part = await backend.get("mail/3", { offset: 10, length: 500 });
      assertSameBytes(part, sampleBytes(100_000, 3).subarray(10, 510), "a part of it");
      await backend.write([put("mail", sampleBytes(3)), put("other", sampleBytes(4))]);
      const names = SIZES.map((_, at) => `mail/${at}`);
      assertSameList(await listNames(backend, "mail/"), names, "list() of the names below it");
      assertSameList(await listNames(backend), ["mail", ...names, "other"], "list()");
    },
  },
  {
    name: "create() of a name that was removed creates it again, and of one that was put does not",
    needs: ["guests"],
    async run(fixture) {
      const backend = await fixture.open();
      for (const round of [1, 2, 3]) {
        assertSame(await create(backend, "a/b", sampleBytes(round)), true, `create() in round ${round}`);
        await backend.write([remove("a/b")]);
        assertSame(await backend.get("a/b"), undefined, `get() once it was removed in round ${round}`);
      }
      assertSameList(await listNames(backend), [], "list()");
      await backend.write([put("small", sampleBytes(9)), put("large", sampleBytes(200_000))]);
      for (const name of ["small", "large"])
        assertSame(await create(backend, name, sampleBytes(1)), false, `create() of ${name}`);
      await backend.createHead(1, sampleBytes(1), [remove("small"), put("with-head", sampleBytes(5))]);
      assertSame(
        await create(backend, "with-head", sampleBytes(1)),
        false,
        "create() of what came with a head",
      );
      assertSame(await create(backend, "gone", sampleBytes(1)), true, "create() of a name of no value");
      await backend.createHead(2, sampleBytes(1), [remove("gone")]);
      assertSame(await backend.get("gone"), undefined, "what a head has removed");
    },
  },
  {
    name: `create() lets exactly one of ${CONTENDERS} contenders create a value, in each of ${ROUNDS} rounds`,
    needs: ["guests"],
    isSeeded: true,
    async run(fixture) {
      const backend = await fixture.open();
      for (let round = 1; round <= ROUNDS; round++) await race([backend], `race/${round}`, fixture.random);
    },
  },
  {
    name: "create() refuses what is no name, and does nothing",
    needs: ["guests"],
    async run(fixture) {
      const backend = await fixture.open();
      for (const name of [...BAD_NAMES, "x".repeat(201)]) {
        const refused = () => create(backend, name, sampleBytes(1));
        const error = await assertRejects("ZSPINE_INVALID_OPTIONS", refused, `create("${name}")`);
        assertSame(error.determinate, true, "whether it is determinate");
      }
      assertSameList(await listNames(backend), [], "list()");
    },
  },
  {
    name: "create() whose signal has fired, and create() once closed, do nothing",
    needs: ["guests"],
    async run(fixture) {
      const backend = await fixture.open();
      const signal = AbortSignal.abort();
      await assertRejects(
        "ZSPINE_ABORTED",
        () => backend.create!("a", sampleBytes(1), { signal }),
        "create()",
      );
      assertSame(await backend.get("a"), undefined, "get() after it");
      await backend.close();
      await assertRejects(
        "ZSPINE_CLOSED",
        () => backend.create!("a", sampleBytes(1)),
        "create() once closed",
      );
    },
  },
  {
    name: "create() has taken the bytes when it has settled",
    needs: ["guests"],
    async run(fixture) {
      const backend = await fixture.open();
      const bytes = sampleBytes(900);
      await create(backend, "a", bytes);
      bytes.fill(7);
      assertSameBytes(
        await backend.get("a"),
        sampleBytes(900),
        "get() once the caller has changed its bytes",
      );
    },
  },
];

/** Handles beside the one that writes. */
const besideCases: readonly BackendCase[] = [
  {
    name: "a guest reads all that the writer has, also what comes later, and makes no heads",
    needs: ["guests", "durable"],
    async run(fixture) {
      const writer = await fixture.open();
      await writer.createHead(1, sampleBytes(10), [put("with/1", sampleBytes(200_000))]);
      const guest = await fixture.beside(writer);
      assertSame(guest.capabilities.guest, true, "what it declares to be");
      assertSameBytes((await guest.readHead())?.bytes, sampleBytes(10), "the head that is there");
      assertSameBytes(await guest.get("with/1"), sampleBytes(200_000), "what came with it");
      for (const number of [2, 3]) {
        await writer.createHead(number, sampleBytes(10), [put(`with/${number}`, sampleBytes(number))]);
        assertSame((await guest.readHead())?.number, number, "the newest head that it reads");
        assertSameBytes(await guest.get(`with/${number}`), sampleBytes(number), "what came with it");
      }
      const heads = () => guest.createHead(4, sampleBytes(3), [put("none", sampleBytes(1))]);
      const error = await assertRejects("ZSPINE_NOT_SUPPORTED", heads, "createHead() of a guest");
      assertSame(error.determinate, true, "whether it is determinate");
      assertSame((await writer.readHead())?.number, 3, "the newest head after it");
      assertSame(await writer.get("none"), undefined, "what was to come with it");
    },
  },
  {
    name: "a guest and the writer see what the other has created, put and removed, once that is acknowledged",
    needs: ["guests", "durable"],
    async run(fixture) {
      const writer = await fixture.open();
      const guest = await fixture.beside(writer);
      for (const [at, size] of SIZES.entries()) {
        const bytes = sampleBytes(size, at);
        const names = ["guest", "writer", "put"].map((by) => `${by}/${at}`);
        const [byGuest, byWriter, byPut] = names as [string, string, string];
        // Asked for before it is there: whoever remembers an answer is wrong later.
        for (const name of names) assertSame(await writer.get(name), undefined, `${name} before it is there`);
        assertSame(await create(guest, byGuest, bytes), true, `create() of a guest, ${size} bytes`);
        assertSame(await create(writer, byWriter, bytes), true, `create() of the writer, ${size} bytes`);
        await guest.write([put(byPut, bytes)], { durability: "relaxed" });
        for (const handle of [guest, writer])
          for (const name of names) assertSameBytes(await handle.get(name), bytes, name);
        assertSame(await create(guest, byWriter, bytes), false, "create() of what the writer has created");
        assertSame(await create(writer, byGuest, bytes), false, "create() of what a guest has created");
        const list = await listNames(guest);
        assertSameList(list, await listNames(writer), "list() of both");
        assertSameList(list, [...names].sort(), "list()");
        await guest.write([remove(byGuest), remove("never-there")]);
        await writer.write([remove(byWriter), remove(byPut)]);
        for (const handle of [guest, writer])
          for (const name of names) assertSame(await handle.get(name), undefined, `${name} once removed`);
      }
    },
  },
  {
    name: `create() lets exactly one of ${CONTENDERS} contenders on the writer's handle and those of three guests create a value`,
    needs: ["guests", "durable"],
    isSeeded: true,
    async run(fixture) {
      const handles = [await fixture.open()];
      while (handles.length < 4) handles.push(await fixture.beside(handles[0]!));
      for (let round = 1; round <= ROUNDS; round++) await race(handles, `race/${round}`, fixture.random);
    },
  },
  {
    name: "a guest goes on when the writer is closed and another one opens, and what it has made survives all of them",
    needs: ["guests", "durable"],
    async run(fixture) {
      const writer = await fixture.open();
      await writer.createHead(1, sampleBytes(3), []);
      const guest = await fixture.beside(writer);
      assertSame(await create(guest, "before", sampleBytes(11)), true, "create() beside the writer");
      await writer.close();
      assertSame(await create(guest, "between", sampleBytes(12)), true, "create() beside nobody");
      const next = await fixture.reopen(writer);
      await next.createHead(2, sampleBytes(5), [remove("before")]);
      assertSame((await guest.readHead())?.number, 2, "the head of the next writer");
      assertSame(await guest.get("before"), undefined, "what the next writer has removed");
      assertSame(await create(guest, "after", sampleBytes(13)), true, "create() beside the next writer");
      await guest.close();
      await guest.close();
      assertSameBytes(await next.get("after"), sampleBytes(13), "what it made, once it is closed");
      await next.createHead(3, sampleBytes(6), []);
      await next.close();
      const last = await fixture.reopen(next);
      assertSameList(await listNames(last), ["after", "between"], "list() when all is reopened");
      assertSameBytes(await last.get("between"), sampleBytes(12), "get() when all is reopened");
      assertSame(await create(last, "between", sampleBytes(1)), false, "create() when all is reopened");
    },
  },
  {
    name: "close() of a guest waits for what is under way, and leaves the writer as it is",
    needs: ["guests", "durable"],
    async run(fixture) {
      const writer = await fixture.open();
      const guest = await fixture.beside(writer);
      const outcome = outcomeOf(create(guest, "a", sampleBytes(5000)));
      await guest.close();
      const settled = await outcome;
      if (!settled.ok) assertCode(settled.error, "ZSPINE_CLOSED", "create() while it closes");
      assertSame((await writer.get("a")) !== undefined, settled.ok, "whether what it said is so");
      await assertRejects("ZSPINE_CLOSED", () => guest.get("a"), "get() of a closed guest");
      await writer.createHead(1, sampleBytes(3), [put("b", sampleBytes(2))]);
      assertSame((await writer.readHead())?.number, 1, "the head of the writer");
    },
  },
];

/** Values that are created by one of many, and guests beside a writer. */
export const guestCases: readonly BackendCase[] = [...createCases, ...besideCases];
