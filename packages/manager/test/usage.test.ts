import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { expect, it } from "vitest";
import { z } from "zod";
import { createStorageManager } from "../src/index.ts";
import { scratchFolder } from "./scratch-folder.ts";

const ORDERS = { key: z.int32(), value: z.string() };

it("R9 stores are made, listed, moved through all modes, found after a restart, and deleted, by name", async () => {
  const options = {
    location: join(scratchFolder, "usage"),
    backends: [file, level],
    budget: { bytes: 64 * 2 ** 20 },
  };
  {
    await using manager = await createStorageManager(options);
    let store = await manager.create("orders", { mode: "memory" });
    const orders = await store.trace("orders", ORDERS);
    for (let key = 0; key < 1000; key++) orders.insert(key, `order ${key}`);
    await store.commit({ metadata: { offset: 1000 } });

    for (const mode of [...manager.modes, "memory", "hybrid"]) {
      store = await manager.switchMode("orders", mode);
      const moved = await store.trace("orders", ORDERS);
      expect([mode, (await moved.count()).rows, await moved.get(7)]).toEqual([
        mode,
        1000,
        [{ value: "order 7", weight: 1 }],
      ]);
      expect(store.metadata).toEqual({ offset: 1000 });
      expect(await manager.list()).toEqual([{ name: "orders", mode }]);
      expect(await manager.stateSize("orders")).toMatchObject({ mode });
    }
    await manager.create("scratch", { mode: "memory" });
    expect(await manager.maintain()).toMatchObject({ isDone: true, unusedPlaces: 0 });
  }
  await using manager = await createStorageManager(options);
  expect(await manager.list()).toEqual([{ name: "orders", mode: "hybrid" }]);
  const store = await manager.get("orders");
  expect((await (await store.trace("orders", ORDERS)).count()).rows).toBe(1000);
  expect(await manager.get("orders")).toBe(store);

  await manager.delete("orders");
  expect(await manager.list()).toEqual([]);
});
