import type { StoredHead } from "@zspine/core";
import type { S3Backend } from "../../src/backend/s3-backend.ts";
import type { Course, Scenario } from "./explorer.ts";
import { Protocol } from "./protocol.ts";

/** Bytes of a value that goes into a pack; fewer lie in the head. */
const IN_PACK = 9;

/** A writer that was held up at its third head, and another that makes four and collects; of `block` heads one stays. */
export const heldUp = (block = 2): Scenario => ({
  async begin(course) {
    const protocol = new Protocol(course);
    const known = await twoHeads(course, protocol, block);
    const other = await course.open("other", false, block);
    const held = await course.open("held", false, block);
    await Promise.all([other.readHead(), held.readHead()]);
    return {
      async run() {
        await Promise.all([commitFour(protocol, other, known), protocol.commit(held, "held", known)]);
        await Promise.all([other.close(), held.close()]);
      },
      check: () => {
        protocol.check();
      },
    };
  },
});

/** A reader that knows the second head, and a writer that makes four more and collects. */
export const slowReader: Scenario = {
  async begin(course) {
    const protocol = new Protocol(course);
    const known = await twoHeads(course, protocol, 2);
    const writer = await course.open("writer");
    const reader = await course.open("reader", true);
    await Promise.all([writer.readHead(), reader.readHead()]);
    return {
      async run() {
        await Promise.all([commitFour(protocol, writer, known), protocol.follow(reader, 2)]);
        await writer.close();
      },
      check: () => {
        protocol.check();
      },
    };
  },
};

/** A reader and a writer that both know the second head, of six: the third was removed, and the writer goes on to create it. */
export const strayHead: Scenario = {
  async begin(course) {
    const protocol = new Protocol(course);
    const known = await twoHeads(course, protocol, 2);
    const other = await course.open("other");
    const held = await course.open("held");
    const reader = await course.open("reader", true);
    await Promise.all([other.readHead(), held.readHead(), reader.readHead()]);
    await commitFour(protocol, other, known);
    await other.close();
    return {
      async run() {
        await Promise.all([protocol.commit(held, "held", known), protocol.follow(reader, 2)]);
        await held.close();
      },
      check: () => {
        protocol.check();
      },
    };
  },
};

async function twoHeads(course: Course, protocol: Protocol, block: number): Promise<StoredHead | undefined> {
  const first = await course.open("first", false, block);
  await protocol.commit(first, "c1", undefined);
  await protocol.commit(first, "c2", await first.readHead());
  const known = await first.readHead();
  await first.close();
  return known;
}

async function commitFour(
  protocol: Protocol,
  writer: S3Backend,
  after: StoredHead | undefined,
): Promise<void> {
  let before = after;
  for (let at = 1; at <= 4; at++) {
    if (!(await protocol.commit(writer, `other-${at}`, before))) return;
    before = await writer.readHead((before?.number ?? 0) + 1);
  }
}

/** A writer that makes two heads and looks for what others have left, while another puts a pack and commits it. */
export const orphans: Scenario = {
  async begin(course) {
    const protocol = new Protocol(course);
    const first = await course.open("first");
    await protocol.commit(first, "c1", undefined);
    await first.close();
    const collector = await course.open("collector");
    const other = await course.open("other");
    const known = await collector.readHead();
    await other.readHead();
    return {
      async run() {
        const collects = async (): Promise<void> => {
          if (!(await protocol.commit(collector, "one", known))) return;
          await protocol.commit(collector, "two", await collector.readHead(2), IN_PACK);
        };
        const commits = async (): Promise<void> => {
          await protocol.commit(other, "other", await other.readHead(), IN_PACK);
        };
        await Promise.all([collects(), commits()]);
        await Promise.all([collector.close(), other.close()]);
      },
      check: () => {
        protocol.check();
      },
    };
  },
};
