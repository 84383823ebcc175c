import { expect, it } from "vitest";
import { z } from "zod";
import { fenceEverywhere, type Fencing } from "../../../store/test/fencing/fencing-law.ts";
import { writeInAllOrders } from "../../../store/test/fencing/order-law.ts";
import { openStore } from "../../../store/src/index.ts";
import { s3Medium } from "./s3-medium.ts";

it("OT2 OT10 a writer that is stopped at any of its requests, and fenced, acknowledges nothing that is lost, and removes nothing that the other needs", async () => {
  let steps = 0;
  for (let seed = 1; seed <= 2; seed++) {
    const newMedia = (): Fencing["media"] => {
      const medium = s3Medium();
      return [medium, medium];
    };
    steps += await fenceEverywhere(seed, newMedia, 3);
  }
  expect(steps).toBeGreaterThan(50);
});

it("OT3 what two writers write in another order than heads come to name it stays, whoever collects in between", async () => {
  expect(await writeInAllOrders(s3Medium, 9)).toBeGreaterThan(8);
});

it("OT10 verify() of a writer that was fenced says so, of whatever it misses, and not that the store is damaged", async () => {
  const medium = s3Medium();
  const open = async () => {
    const store = await openStore({ backend: medium.opener("place", (step) => step()) });
    return { store, trace: await store.trace("t", { key: z.int32(), value: z.string() }) };
  };
  const commit = async ({ store, trace }: Awaited<ReturnType<typeof open>>, key: number): Promise<void> => {
    trace.insert(key, "a");
    await store.commit();
  };
  const first = await open();
  for (let key = 0; key < 6; key++) await commit(first, key);
  expect((await first.store.verify()).problems).toEqual([]);
  const second = await open();
  for (let key = 6; key < 20; key++) await commit(second, key);
  expect((await second.store.verify()).problems).toEqual([]);

  await expect(first.store.verify()).rejects.toMatchObject({
    code: "ZSPINE_CONFLICT",
    message: expect.stringMatching(/another writer has committed, up to head \d+.*open it again/) as string,
  });
  await Promise.allSettled([first.store.close(), second.store.close()]);
});
