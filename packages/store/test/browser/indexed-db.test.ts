import { level } from "@zspine/backend-level";
import type { BackendOpener } from "@zspine/core";
import { describe, it } from "vitest";
import { storeCases } from "../../src/conformance/index.ts";
import { dropStore, openStore, restoreStore } from "../../src/index.ts";

describe("W1 L16 a store over IndexedDB", async () => {
  const run = crypto.randomUUID();
  const opener = (place: string): BackendOpener => level({ location: `${run}/${place}` });
  const sample = await opener("sample").open();
  await sample.close();
  const cases = storeCases({
    capabilities: sample.capabilities,
    open: (options, place) => openStore({ ...options, backend: opener(place) }),
    places: { opener, restore: restoreStore, drop: dropStore },
    speed: "quick",
  });
  for (const { name, run: prove } of cases) it(name, prove);
});
