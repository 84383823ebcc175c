import { describe, expect, it } from "vitest";
import { FakeS3, type FakeFault, type FakeRequest } from "../../src/fake.ts";
import { openIn, VirtualTime } from "./virtual-time.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const isHeadPut = ({ method, key }: FakeRequest) => method === "PUT" && key.startsWith("head/");

async function openTwo() {
  const time = new VirtualTime(3);
  const fake = new FakeS3({ environment: time, takesUnsigned: true });
  const one = openIn(time, fake, 0, 4000);
  await time.until(one.createHead(1, bytes("first"), []));
  const other = openIn(time, fake, 1, 4000);
  await time.until(other.readHead());
  return { time, fake, one, other };
}

/** Goes wrong at the first requests to create a head. */
function first(count: number, fault: FakeFault) {
  let left = count;
  return (request: FakeRequest) => (isHeadPut(request) && left-- > 0 ? fault : undefined);
}

describe("OT4 a head whose answer was lost", () => {
  it.each<[string, FakeFault]>([
    ["was created", { type: "lose", isDone: true }],
    ["was not created", { type: "lose", isDone: false }],
    ["was created, and answered with 500", { type: "status", status: 500, isDone: true }],
    ["is created later", { type: "late" }],
    [
      "waits for another that creates it",
      { type: "status", status: 409, code: "ConditionalRequestConflict" },
    ],
  ])("is settled by asking again: it %s", async (_, fault) => {
    const { time, fake, one, other } = await openTwo();
    fake.misbehave = first(1, fault);
    await time.until(one.createHead(2, bytes("one"), [{ type: "put", name: "a", bytes: bytes("value") }]));
    fake.land();
    expect((await time.until(other.readHead()))?.bytes).toEqual(bytes("one"));
    expect(await time.until(other.get("a"))).toEqual(bytes("value"));
  });

  it.each<[string, FakeFault]>([
    ["was created", { type: "lose", isDone: true }],
    ["was not created", { type: "lose", isDone: false }],
    ["is created later", { type: "late" }],
  ])("is in doubt while the service is away, and there when it is read: it %s", async (_, fault) => {
    const { time, fake, one, other } = await openTwo();
    fake.misbehave = (request) => (isHeadPut(request) ? fault : undefined);
    const creating = one.createHead(2, bytes("one"), []);
    await expect(time.until(creating)).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: false });
    await expect(time.until(one.readHead(2))).rejects.toMatchObject({ code: "ZSPINE_IO" });
    fake.misbehave = () => undefined;
    // A look that finds nothing would prove nothing: so reading has it created.
    expect((await time.until(one.readHead(2)))?.bytes).toEqual(bytes("one"));
    fake.land();
    expect((await time.until(other.readHead()))?.bytes).toEqual(bytes("one"));
    await time.until(one.createHead(3, bytes("next"), []));
    expect((await time.until(other.readHead()))?.bytes).toEqual(bytes("next"));
  });

  it("is another's where that was first, and what comes late changes nothing", async () => {
    const { time, fake, one, other } = await openTwo();
    let isAway = true;
    fake.misbehave = (request) =>
      isHeadPut(request) && isAway && new TextDecoder().decode(request.body).includes("one")
        ? { type: "late" }
        : undefined;
    await expect(time.until(one.createHead(2, bytes("one"), []))).rejects.toMatchObject({
      determinate: false,
    });
    await time.until(other.createHead(2, bytes("other"), []));
    isAway = false;
    expect((await time.until(one.readHead(2)))?.bytes).toEqual(bytes("other"));
    fake.land();
    expect((await time.until(one.readHead(2)))?.bytes).toEqual(bytes("other"));
    await expect(time.until(one.createHead(2, bytes("again"), []))).rejects.toMatchObject({
      code: "ZSPINE_CONFLICT",
      determinate: true,
    });
  });

  it("is in doubt, too, when it is not known whether it came too late", async () => {
    const { time, fake, one } = await openTwo();
    fake.misbehave = ({ method }) => (method === "HEAD" ? { type: "lose", isDone: false } : undefined);
    await expect(time.until(one.createHead(2, bytes("one"), []))).rejects.toMatchObject({
      determinate: false,
    });
    fake.misbehave = () => undefined;
    expect((await time.until(one.readHead()))?.number).toBe(2);
  });
});

describe("create() whose answer was lost", () => {
  it.each<[string, FakeFault]>([
    ["was done", { type: "lose", isDone: true }],
    ["was not", { type: "lose", isDone: false }],
  ])("tells that this call did it: it %s", async (_, fault) => {
    const { time, fake, one, other } = await openTwo();
    let left = 1;
    fake.misbehave = ({ method }) => (method === "PUT" && left-- > 0 ? fault : undefined);
    expect(await time.until(one.create("claim", bytes("same")))).toBe(true);
    left = 1;
    expect(await time.until(other.create("claim", bytes("same")))).toBe(false);
  });
});

describe("an answer that is cut short", () => {
  it("is asked for again, where its length tells", async () => {
    const { time, fake, one } = await openTwo();
    await time.until(one.write([{ type: "put", name: "a", bytes: bytes("a value of some length") }]));
    let left = 1;
    fake.misbehave = ({ method }) =>
      method === "GET" && left-- > 0 ? { type: "cut", bytes: 4, isTold: true } : undefined;
    expect(await time.until(one.get("a"))).toEqual(bytes("a value of some length"));
  });

  it("is ZSPINE_CORRUPT for a part of a value, and for a head, where no length tells", async () => {
    const { time, fake, one } = await openTwo();
    await time.until(one.write([{ type: "put", name: "a", bytes: bytes("a value of some length") }]));
    fake.misbehave = ({ method }) =>
      method === "GET" ? { type: "cut", bytes: 40, isTold: false } : undefined;
    const reader = openIn(time, fake, 1, 1000);
    await expect(time.until(reader.readHead())).rejects.toMatchObject({ code: "ZSPINE_CORRUPT" });
    fake.misbehave = ({ method }) =>
      method === "GET" ? { type: "cut", bytes: 3, isTold: false } : undefined;
    await expect(time.until(one.get("a", { offset: 2, length: 9 }))).rejects.toMatchObject({
      code: "ZSPINE_CORRUPT",
    });
  });

  it("and a head of which a bit is another is ZSPINE_CORRUPT", async () => {
    for (let at = 0; at < 60; at++) {
      const { time, fake } = await openTwo();
      fake.misbehave = ({ method }) => (method === "GET" ? { type: "flip", at } : undefined);
      const reader = openIn(time, fake, 1, 1000);
      await expect(time.until(reader.readHead())).rejects.toMatchObject({
        code: expect.stringMatching(/ZSPINE_(CORRUPT|FORMAT)/) as string,
      });
    }
  });
});
