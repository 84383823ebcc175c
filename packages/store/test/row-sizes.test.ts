import { expect, it } from "vitest";
import { z } from "zod";
import { openStore } from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

// Written bytes grow in a buffer; whatever is written just as it is full must not be lost. Found as an index of
// one row, "a" → "aa", that could not be read again.
it("C1 one row of any length is read again, whatever bytes its block and its index have", async () => {
  const schemas = { key: z.string(), value: z.string() };
  const broken: string[] = [];
  for (const prefix of ["", "a", "aa", "abcdefgh"]) {
    for (let length = 0; length < 300; length++) {
      const [key, value] = [prefix, "a".repeat(length)];
      const places = retainedPlaces();
      const backend = places.opener("place");
      const store = await openStore({ backend });
      (await store.trace("t", schemas)).insert(key, value);
      await store.commit();
      await store.close();
      await using reopened = await openStore({ backend });
      const found = await reopened.trace("t", schemas).then(
        (trace) => trace.get(key),
        (error: unknown) => String(error),
      );
      if (JSON.stringify(found) !== JSON.stringify([{ value, weight: 1 }]))
        broken.push(`${key} → ${length} × a: ${String(found)}`);
    }
  }
  expect(broken).toEqual([]);
});
