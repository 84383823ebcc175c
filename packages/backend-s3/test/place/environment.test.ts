import { expect, it } from "vitest";
import { FakeS3 } from "../../src/fake.ts";
import { s3 } from "../../src/index.ts";
import { VirtualTime } from "../fault/virtual-time.ts";

/** Chance whose methods need the object that they are of; and how often it was asked. */
class CountedTime extends VirtualTime {
  drawn = 0;

  override random(): number {
    this.drawn++;
    return super.random();
  }
}

/** Opens a place, commits a head, and tells the id that the place was given, and what the objects besides hold. */
async function made(environment: CountedTime) {
  const fake = new FakeS3();
  const backend = await s3({ ...fake.options, environment }).open();
  const opened = environment.drawn;
  await backend.createHead(1, new Uint8Array(3), [{ type: "put", name: "v", bytes: new Uint8Array(4) }]);
  await backend.close();
  const { id } = JSON.parse(new TextDecoder().decode(fake.objects.bytes("zspine"))) as {
    readonly id: string;
  };
  const objects = fake.objects.keys().filter((key) => key !== "zspine");
  return { opened, id, objects: objects.map((key) => [key, fake.objects.bytes(key)] as const) };
}

it("s3() draws all chance from its environment, as methods of it, so that one seed makes one place", async () => {
  const time = new CountedTime(7);
  const first = await made(time);

  expect(first.opened).toBeGreaterThan(0);
  expect(time.drawn).toBeGreaterThan(first.opened);
  expect(await made(new CountedTime(7))).toEqual(first);
  const other = await made(new CountedTime(8));
  expect(other.id).not.toBe(first.id);
  expect(other.objects).not.toEqual(first.objects);
});
