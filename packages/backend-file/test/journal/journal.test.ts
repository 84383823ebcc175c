import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Backend, WriteOp } from "@zspine/core";
import { nodeMedium } from "@zspine/location";
import { describe, expect, it } from "vitest";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { file } from "../../src/index.ts";
import { JOURNAL_SIZES } from "../../src/journal/journal-writer.ts";
import { encodeRecord, readRecord, saltOf } from "../../src/journal/record.ts";
import { systemError, watchedMedium } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";

let places = 0;
const newPlace = () => join(scratchFolder, `journal-${++places}`);
const bytesOf = (at: number) => new Uint8Array(100).fill(at);
const put = (name: string, at: number): WriteOp => ({ type: "put", name, bytes: bytesOf(at) });
const relaxed = { durability: "relaxed" } as const;
const corrupt = { code: "ZSPINE_CORRUPT" };

/** The newest file of a journal. */
const segmentOf = (place: string) =>
  join(place, "journal", readdirSync(join(place, "journal")).sort().at(-1)!);

/** Where the records of a file begin, and where the last one ends. */
function recordsIn(bytes: Uint8Array): number[] {
  const found = [0];
  for (;;) {
    const record = readRecord(bytes, found.at(-1)!, saltOf(bytes)!);
    if (record === undefined) return found;
    found.push(record.end);
  }
}

function change(
  place: string,
  work: (bytes: Uint8Array, records: readonly number[]) => Uint8Array | void,
): void {
  const bytes = readFileSync(segmentOf(place));
  writeFileSync(segmentOf(place), work(bytes, recordsIn(bytes)) ?? bytes);
}

/** A location with a head and a value for each durability, whose process was killed. */
async function killed(...durabilities: readonly ("sync" | "relaxed")[]): Promise<string> {
  const [place, copy] = [newPlace(), newPlace()];
  const backend = await file({ location: place }).open();
  for (const [at, durability] of durabilities.entries())
    await backend.createHead(at + 1, bytesOf(at + 1), [put(`v/${at + 1}`, at + 1)], { durability });
  for (const folder of ["journal", "values", "tmp"]) mkdirSync(join(copy, folder), { recursive: true });
  copyFileSync(join(place, "ZSPINE"), join(copy, "ZSPINE"));
  copyFileSync(segmentOf(place), join(copy, "journal/0000000000000001~"));
  await backend.close();
  return copy;
}

async function stateOf(place: string, readOnly = false): Promise<unknown[]> {
  await using backend = await file({ location: place }).open({ readOnly });
  return [(await backend.readHead())?.number, ...(await namesOf(backend))];
}

async function namesOf(backend: Backend): Promise<string[]> {
  const names: string[] = [];
  for await (const name of backend.list("")) names.push(name);
  return names;
}

describe("the end of a journal", () => {
  it("C28 C5 is before a record that is torn or missing, of which none says that it was durable", async () => {
    const ways: ((bytes: Uint8Array, records: readonly number[]) => Uint8Array | void)[] = [
      (bytes, records) => bytes.subarray(0, records[2]! + 40),
      (bytes, records) => bytes.subarray(0, records[2]),
      (bytes, records) => void bytes.fill(0, records[2]! + 8, records[2]! + 50),
      (bytes, records) => void (bytes[records[2]! + 100]! ^= 1),
      (bytes, records) => void bytes.fill(0, records[2]),
    ];
    for (const way of ways) {
      const place = await killed("sync", "relaxed", "relaxed", "relaxed");
      change(place, way);
      expect(await stateOf(place, true)).toEqual([1, "v/1"]);
      expect(await stateOf(place)).toEqual([1, "v/1"]);
      await using backend = await file({ location: place }).open();
      await backend.createHead(2, bytesOf(9), [put("v/9", 9)]);
      expect(await namesOf(backend)).toEqual(["v/1", "v/9"]);
    }
  });

  it("C28 C5 is never before a record that a later one says was durable: what was in that is missing, and nothing else", async () => {
    for (const durabilities of [
      ["sync", "sync"],
      ["sync", "relaxed", "relaxed"],
      ["relaxed", "sync", "relaxed"],
    ] as const) {
      const place = await killed(...durabilities);
      const intact = readFileSync(segmentOf(place));
      const records = recordsIn(intact);
      const synced = durabilities.lastIndexOf("sync", durabilities.length - 2) + 1;
      for (let at = records[0]!; at < records[synced + 1]!; at += 7) {
        const bytes = Uint8Array.from(intact);
        bytes[at]! ^= 0x10;
        writeFileSync(segmentOf(place), bytes);
        const opening = file({ location: place }).open({ readOnly: true });
        if (at < records[1]!) {
          await expect(opening).rejects.toMatchObject(corrupt);
          continue;
        }
        await using backend = await opening;
        const damaged = records.findLastIndex((record) => record <= at);
        expect((await backend.readHead())?.number).toBe(durabilities.length);
        expect(await backend.readHead(damaged)).toBeUndefined();
        const names = durabilities.flatMap((_, index) => (index + 1 === damaged ? [] : [`v/${index + 1}`]));
        expect(await namesOf(backend)).toEqual(names);
        for (const name of names) expect(await backend.get(name)).toEqual(bytesOf(Number(name.slice(2))));
      }
    }
  });

  it("C5 C13 is never before a record of a journal that was closed: a newest head that is damaged is told of until another follows", async () => {
    const place = newPlace();
    {
      await using backend = await file({ location: place }).open();
      await backend.createHead(1, bytesOf(1), []);
      await backend.createHead(2, bytesOf(2), []);
    }
    rmSync(join(place, "newest"));
    change(place, (bytes, records) => void (bytes[records[2]! + 60]! ^= 1));
    for (const readOnly of [true, false, false, true]) {
      await using backend = await file({ location: place }).open({ readOnly });
      expect(await backend.readHead()).toEqual({ number: 1, bytes: bytesOf(1), newest: 2 });
    }
    {
      await using backend = await file({ location: place }).open();
      await backend.write([put("a", 1)]);
    }
    {
      // Also when it was written on without a head.
      await using backend = await file({ location: place }).open();
      expect(await backend.readHead()).toMatchObject({ number: 1, newest: 2 });
      await expect(backend.createHead(2, bytesOf(2), [])).rejects.toMatchObject({ code: "ZSPINE_CONFLICT" });
      await backend.createHead(3, bytesOf(3), []);
    }
    expect(await stateOf(place)).toEqual([3, "a"]);
    await using backend = await file({ location: place }).open();
    expect(await backend.readHead()).toEqual({ number: 3, bytes: bytesOf(3) });
  });

  it("C28 of one that was closed is read as it is, and nothing is changed before something is written", async () => {
    const place = newPlace();
    {
      await using backend = await file({ location: place }).open();
      await backend.createHead(1, bytesOf(1), [put("v/1", 1)], relaxed);
    }
    const before = readFileSync(segmentOf(place));
    expect(await stateOf(place)).toEqual([1, "v/1"]);
    expect(readFileSync(segmentOf(place))).toEqual(before);
    {
      await using backend = await file({ location: place }).open();
      await backend.createHead(2, bytesOf(2), [put("v/2", 2)]);
    }
    expect(readdirSync(join(place, "journal"))).toEqual(["0000000000000002~"]);
    // As when a power cut has taken the end, which was not synced.
    change(place, (bytes, records) => bytes.subarray(0, records.at(-2)));
    expect(await stateOf(place)).toEqual([2, "v/1", "v/2"]);
    expect(readdirSync(join(place, "journal"))).toEqual(["0000000000000003~"]);
  });

  it("C5 is told by the hint when the last record of all is damaged, which was durable", async () => {
    const place = await killed("sync", "sync");
    writeFileSync(join(place, "newest"), "0000000000000002 0000000000000002\n");
    change(place, (bytes, records) => void (bytes[records[2]! + 50]! ^= 1));
    const damaged = readFileSync(segmentOf(place));
    await using backend = await file({ location: place }).open();
    expect(await backend.readHead()).toMatchObject({ number: 1, newest: 2 });
    // What may still be told from it is left.
    const folder = join(place, "journal");
    expect(readFileSync(join(folder, readdirSync(folder).sort()[0]!))).toEqual(damaged);
  });

  it("C28 is before bytes of another file of the journal, whatever records they are", async () => {
    const [place, other] = [await killed("sync", "sync"), await killed("sync", "sync", "sync", "sync")];
    const theirs = readFileSync(segmentOf(other));
    change(place, (bytes, records) => {
      const [, , , third, fourth] = recordsIn(theirs);
      bytes.set(theirs.subarray(third, fourth), records[3]);
    });
    expect(await stateOf(place)).toEqual([2, "v/1", "v/2"]);
  });

  it("C5 a file that does not begin with a record is damaged, and so is an empty one", async () => {
    for (const bytes of ["", "x".repeat(100)]) {
      const place = await killed("sync");
      writeFileSync(segmentOf(place), bytes);
      for (const readOnly of [true, false])
        await expect(file({ location: place }).open({ readOnly })).rejects.toMatchObject(corrupt);
    }
  });

  it("C9 is that of the newest file, when a kill has left the one before, and a value that has become a file", async () => {
    const place = await killed("sync");
    const folder = join(place, "journal");
    const first = readFileSync(segmentOf(place));
    const [, end] = recordsIn(first);
    writeFileSync(
      join(folder, "0000000000000002~"),
      encodeRecord({ salt: Uint8Array.from({ length: 8 }, (_, at) => at), number: 1, durable: 1 }, [
        { kind: "synced", number: 7, data: bytesOf(7) },
        { kind: "carried", name: "v/7", data: bytesOf(7) },
      ]),
    );
    expect(end).toBeGreaterThan(0);
    mkdirSync(join(place, "values/v"), { recursive: true });
    writeFileSync(join(place, "values/v/7~"), bytesOf(7));
    expect(await stateOf(place, true)).toEqual([7, "v/7"]);
    await using backend = await file({ location: place }).open();
    expect(readdirSync(folder)).toEqual(["0000000000000003~"]);
    await backend.write([{ type: "remove", name: "v/7" }]);
    expect(await namesOf(backend)).toEqual([]);
    expect(await backend.get("v/7")).toBeUndefined();
  });
});

describe("a commit", () => {
  it("C28 is one append, one sync and a look for its workspace; the hint beside it is opened once", async () => {
    const calls: string[] = [];
    const ofHint: string[] = [];
    const medium = watchedMedium((call, proceed) => {
      (String(call.args[0]).endsWith("newest") ? ofHint : calls).push(call.method);
      return proceed();
    });
    const backend = await openFileBackend(newPlace(), medium);
    ofHint.length = 0;
    // Room is made.
    await backend.createHead(1, bytesOf(1), []);
    for (let number = 2; number <= 20; number++) {
      calls.length = 0;
      await backend.createHead(number, bytesOf(number), [put(`t/${number}`, number)]);
      expect(calls.sort()).toEqual(["kindOf", "syncData", "write"]);
    }
    await backend.close();
    expect(ofHint.filter((method) => method !== "write").sort()).toEqual(["openToWrite", "overwriteFile"]);
  });
});

describe("a journal that is long", () => {
  const sizes = { ...JOURNAL_SIZES, segmentBytes: 2000, roomBytes: 500 };
  const open = (place: string, medium = nodeMedium, readOnly = false) =>
    openFileBackend(place, medium, { readOnly }, sizes);

  it("C28 goes on in another file, and makes files of the values that have lasted", async () => {
    const place = newPlace();
    const backend = await open(place);
    await backend.createHead(1, bytesOf(1), [put("lasting", 1)]);
    for (let number = 2; number <= 100; number++) {
      const ops: WriteOp[] = [put(`v/${number}`, number)];
      if (number > 2) ops.push({ type: "remove", name: `v/${number - 1}` });
      await backend.createHead(number, bytesOf(number), ops, number % 3 === 0 ? relaxed : {});
      for (const name of ["lasting", `v/${number}`]) expect(await backend.get(name)).toHaveLength(100);
      expect(await namesOf(backend)).toEqual(["lasting", `v/${number}`]);
    }
    await backend.close();
    expect(existsSync(join(place, "values/lasting~"))).toBe(true);
    expect(readdirSync(join(place, "journal"))).toHaveLength(1);
    expect(Number(readdirSync(join(place, "journal"))[0]!.slice(0, 16))).toBeGreaterThan(5);
    expect(readFileSync(segmentOf(place)).length).toBeLessThan(5000);
    await using reopened = await open(place);
    expect(await reopened.readHead()).toMatchObject({ number: 100, bytes: bytesOf(100) });
    expect(await namesOf(reopened)).toEqual(["lasting", "v/100"]);
    expect(reopened.getSync!("lasting")).toEqual(bytesOf(1));
  });

  it("goes on in the same one while there is no room for another", async () => {
    let isFull = false;
    const medium = watchedMedium((call, proceed) =>
      isFull && call.method === "createFile" ? Promise.reject(systemError("ENOSPC")) : proceed(),
    );
    const place = newPlace();
    const backend = await open(place, medium);
    await backend.createHead(1, bytesOf(1), []);
    isFull = true;
    for (let number = 2; number <= 40; number++) await backend.createHead(number, bytesOf(number), []);
    expect(readdirSync(join(place, "journal"))).toEqual(["0000000000000001~"]);
    isFull = false;
    await backend.createHead(41, bytesOf(41), []);
    await backend.createHead(42, bytesOf(42), []);
    expect(readdirSync(join(place, "journal"))).toEqual(["0000000000000002~"]);
    await backend.close();
    expect(await stateOf(place)).toEqual([42]);
  });

  it("C10 is read beside the writer, who goes on in other files meanwhile", async () => {
    const place = newPlace();
    await using backend = await open(place);
    await backend.createHead(1, bytesOf(1), [put("v/0", 0), put("v/1", 1)]);
    await using reader = await open(place, nodeMedium, true);
    for (let number = 2; number <= 60; number++) {
      const ops: WriteOp[] = [put(`v/${number}`, number), { type: "remove", name: `v/${number - 2}` }];
      await backend.createHead(number, bytesOf(number), ops, number % 2 === 0 ? relaxed : {});
      // What it knows stays, though the writer has removed it.
      expect(reader.getSync!(`v/${number - 2}`)).toEqual(bytesOf(number - 2));
      if (number % 3 === 0) expect(await reader.get(`v/${number}`)).toEqual(bytesOf(number));
      expect(await reader.readHead()).toMatchObject({ number, bytes: bytesOf(number) });
      expect(reader.getSync!(`v/${number}`)).toEqual(bytesOf(number));
      expect(await namesOf(reader)).toEqual([`v/${number - 1}`, `v/${number}`].sort());
    }
  });

  it.runIf(existsSync("/proc/self/fd"))(
    "leaves no file open, whoever reads when another is begun, or it is closed",
    async () => {
      const place = newPlace();
      const backend = await open(place);
      const reader = await open(place, nodeMedium, true);
      for (let number = 1; number <= 60; number++) {
        const created = backend.createHead(number, bytesOf(number), [put(`v/${number}`, number)]);
        await Promise.all([
          created,
          backend.readHead(),
          reader.readHead(),
          backend.get(`v/${number - 1}`),
          reader.get("v/1"),
        ]);
      }
      await Promise.all([backend.get("v/60"), reader.get("v/60"), backend.close(), reader.close()]);
      const left = readdirSync("/proc/self/fd").filter((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(place);
        } catch {
          return false;
        }
      });
      expect(left).toEqual([]);
      rmSync(place, { recursive: true });
    },
  );
});
