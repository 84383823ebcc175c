import { chaos, recording, SimulatedEnvironment } from "@zspine/conformance";
import { memory } from "@zspine/backend-memory";
import type { Backend } from "@zspine/core";
import { describe, it } from "vitest";
import { storeCases, type StoreSuiteOptions } from "../src/conformance/index.ts";
import { openStore } from "../src/index.ts";
import { retainedPlaces } from "./retained-places.ts";

type Wrap = (backend: Backend) => Backend;

const MEDIA: Readonly<Record<string, (wrap: Wrap) => StoreSuiteOptions>> = {
  "rows in memory": (wrap) => ({
    capabilities: memory().capabilities,
    open: (options) => openStore({ backend: wrap(memory()), ...options }),
  }),
  "L16 stored rows": (wrap) => {
    const places = retainedPlaces();
    const open: StoreSuiteOptions["open"] = (options, place) => {
      const { type, ...opener } = places.opener(place);
      return openStore({
        ...options,
        backend: { ...opener, type, open: async (how) => wrap(await opener.open(how)) },
      });
    };
    return { capabilities: places.capabilities, open, places };
  },
};

for (const [medium, optionsOf] of Object.entries(MEDIA)) {
  describe(medium, () => {
    for (const { name, run } of storeCases(optionsOf((backend) => backend))) it(name, run);
    for (const { name, run } of storeCases(optionsOf((backend) => chaos(recording(backend)))))
      it(`wrapped: ${name}`, run);
    const environment = new SimulatedEnvironment(1, { latencyMsMax: 5 });
    const simulated = storeCases({ ...optionsOf((backend) => backend), environment });
    for (const { name, run } of simulated) it(`simulated: ${name}`, () => environment.run(run()));
  });
}
