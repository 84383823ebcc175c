import { SeededRandom } from "@zspine/conformance";
import { describe, expect, it } from "vitest";
import { FakeOpfs } from "../fake-opfs.ts";
import { LogProgram, openSmall, SMALL, stateOf } from "./log-program.ts";

const put = (name: string, bytes: Uint8Array) => ({ type: "put", name, bytes }) as const;
const sizesOf = (medium: FakeOpfs) =>
  Array.from(medium.files()).reduce((total, { file }) => total + file.bytes.length, 0);

describe("the log", () => {
  it("L13 keeps what nobody needs within as much as is needed and the slack, whatever is put and removed", async () => {
    const medium = new FakeOpfs();
    const backend = await openSmall(medium);
    const random = new SeededRandom(3);
    const kept = new Map<string, number>();
    let written = 0;
    for (let round = 0; round < 600; round++) {
      const bytes = random.bytes(random.int(50, 400));
      const name = `v/${round}`;
      kept.set(name, bytes.length);
      written += bytes.length;
      const victims = [...kept.keys()].filter(() => kept.size > 12 && random.chance(0.12));
      for (const victim of victims) kept.delete(victim);
      await backend.write([
        put(name, bytes),
        ...victims.map((victim) => ({ type: "remove", name: victim }) as const),
      ]);
      // Tidying up is what comes between calls.
      for (let turns = 0; turns < 60; turns++) await Promise.resolve();
      const needed = [...kept.values()].reduce((sum, length) => sum + length, 0);
      const first = 24 * 2 * (kept.size + 5);
      expect(sizesOf(medium), `round ${round}`).toBeLessThan(
        2 * needed + SMALL.slackBytes + 2 * SMALL.segmentBytes + first,
      );
    }
    expect(written).toBeGreaterThan(100_000);
    await backend.close();
    await using again = await openSmall(medium);
    expect([...(await stateOf(again)).values.keys()]).toEqual([...kept.keys()].sort());
  });

  it("C9 removes what a killed handle has left that nobody needs", async () => {
    const medium = new FakeOpfs();
    const program = new LogProgram(5);
    const backend = await openSmall(medium);
    for (let calls = 0; calls < 40; calls++) await program.step(backend);
    medium.kill();
    const orders = await (await (await medium.root()).getDirectoryHandle("app")).getDirectoryHandle("store");
    // As one that was killed while it began a segment.
    await orders.getFileHandle("0000000000000900.log", { create: true });
    await using again = await openSmall(medium);
    expect(await stateOf(again)).toEqual(program.states.at(-1));
    expect(medium.paths).not.toContain("app/store/0000000000000900.log");
  });

  it("C5 C7 opens as it was, or tells of damage, when any byte of its files is changed; heads are never older in silence", async () => {
    const medium = new FakeOpfs();
    const backend = await openSmall(medium);
    const random = new SeededRandom(9);
    for (let head = 1; head <= 4; head++)
      await backend.createHead(head, random.bytes(20), [put(`v/${head}`, random.bytes(30))]);
    const expected = await stateOf(backend);
    medium.kill();
    const path = medium.paths.find((name) => name.endsWith(".log"))!;
    const good = medium.fileAt(path).bytes;
    let refused = 0;
    let older = 0;
    for (let at = 0; at < good.length; at++) {
      const damaged = good.slice();
      damaged[at]! ^= 1 << (at % 8);
      medium.fileAt(path).bytes = damaged;
      const opened = await openSmall(medium, { readOnly: true }).catch(
        (error: unknown) => error as { code: string },
      );
      if ("code" in opened) {
        expect(opened.code).toBe("ZSPINE_CORRUPT");
        refused++;
        continue;
      }
      const head = await opened.readHead();
      if (head!.number < 4) {
        expect(head).toMatchObject({ newest: 4 });
        older++;
      } else {
        // What the store has put has checksums of its own.
        expect([...(await stateOf(opened)).values.keys()]).toEqual([...expected.values.keys()]);
      }
      await opened.close();
    }
    expect(refused).toBeGreaterThan(200);
    expect(older).toBeGreaterThan(50);
  });

  it("C4 tells of lost heads when a power cut has taken the name of the newest segment, and goes on above them", async () => {
    const medium = new FakeOpfs();
    const backend = await openSmall(medium);
    let before = "";
    for (let head = 1; medium.paths.length < 3; head++) {
      before = (await stateOf(backend)).head;
      await backend.createHead(head, Uint8Array.of(head), [put(`v/${head}`, new Uint8Array(400))]);
      for (let turns = 0; turns < 60; turns++) await Promise.resolve();
    }
    const last = Number.parseInt(before, 10) + 1;
    await backend.createHead(last + 1, Uint8Array.of(1), []);
    medium.kill();
    const orders = await (await (await medium.root()).getDirectoryHandle("app")).getDirectoryHandle("store");
    await orders.removeEntry("0000000000000002.log");
    await using again = await openSmall(medium);
    expect(await again.readHead()).toMatchObject({ number: last, newest: last + 1 });
    await expect(again.createHead(last + 1, Uint8Array.of(2), [])).rejects.toMatchObject({
      code: "ZSPINE_CONFLICT",
    });
    await again.createHead(last + 2, Uint8Array.of(3), []);
    expect((await again.readHead())?.newest).toBeUndefined();
  });

  it("C7 is ZSPINE_CORRUPT when a segment that is needed is missing or short", async () => {
    const medium = new FakeOpfs();
    const backend = await openSmall(medium);
    for (let at = 0; at < 20; at++) await backend.write([put(`v/${at}`, new Uint8Array(400))]);
    await backend.close();
    const [first = ""] = medium.paths.filter((path) => path.endsWith(".log"));
    const file = medium.fileAt(first);
    const good = file.bytes;
    file.bytes = good.slice(0, 600);
    await expect(openSmall(medium)).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    file.bytes = good;
    await (await openSmall(medium)).close();
    const orders = await (await (await medium.root()).getDirectoryHandle("app")).getDirectoryHandle("store");
    await orders.removeEntry(first.split("/").at(-1)!);
    await expect(openSmall(medium)).rejects.toMatchObject({
      code: "ZSPINE_CORRUPT",
      message: /segment 1 .*is missing/,
    });
  });

  it("C28 appends once and flushes once a commit, whatever it brings", async () => {
    const medium = new FakeOpfs();
    const backend = await openSmall(medium);
    await backend.createHead(1, new Uint8Array(9), []);
    const calls: string[] = [];
    medium.onCall = ({ method, name, proceed }) => {
      if (method === "write" || method === "flush")
        calls.push(`${method} ${name === "zspine" ? "hint" : "log"}`);
      return proceed();
    };
    await backend.createHead(2, new Uint8Array(9), [
      put("a", new Uint8Array(50)),
      put("b", new Uint8Array(60)),
    ]);
    expect(calls).toEqual(["write log", "flush log", "write hint"]);
    await backend.close();
  });

  it("C26 does nothing more after a flush that failed, tells of no head, and reads what was there", async () => {
    const medium = new FakeOpfs();
    const backend = await openSmall(medium);
    await backend.createHead(1, Uint8Array.of(1), [put("a", Uint8Array.of(2))]);
    medium.onCall = ({ method, lose, proceed }) => {
      if (method !== "flush") return proceed();
      lose();
      throw new DOMException("says the test", "UnknownError");
    };
    const failing = backend.createHead(2, Uint8Array.of(3), [put("b", Uint8Array.of(4))]);
    await expect(failing).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
    medium.onCall = ({ proceed }) => proceed();
    await expect(backend.readHead()).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await expect(backend.write([put("c", Uint8Array.of(5))])).rejects.toMatchObject({
      code: "ZSPINE_IO",
      determinate: true,
    });
    expect(backend.getSync!("a")).toEqual(Uint8Array.of(2));
    await backend.close();
    await using again = await openSmall(medium);
    // The record is there, and was written anew.
    expect((await again.readHead())?.number).toBe(2);
    medium.cutPower(new SeededRandom(1));
    await using after = await openSmall(medium);
    expect((await after.readHead())?.number).toBe(2);
    expect(after.getSync!("b")).toEqual(Uint8Array.of(4));
  });
});
