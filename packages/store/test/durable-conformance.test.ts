import { chaos, recording, retained, SimulatedEnvironment, storeCases } from "@zspine/conformance";
import { memory } from "@zspine/backend-memory";
import { systemEnvironment, type Backend, type Environment } from "@zspine/core";
import { it } from "vitest";
import { openStore } from "../src/index.ts";

const { capabilities } = retained(memory);
const simulated = new SimulatedEnvironment(1, { latencyMsMax: 5 });
const open = (): Promise<Backend> => retained(memory).open("only");
const cases = (wrap: (backend: Backend) => Backend, environment: Environment = systemEnvironment()) =>
  storeCases({
    capabilities,
    environment,
    open: async (options) => openStore({ backend: wrap(await open()), ...options }),
  });

const asIs = (backend: Backend): Backend => backend;
for (const { name, run } of cases(asIs)) it(name, run);
for (const { name, run } of cases((backend) => chaos(recording(backend)))) it(`wrapped: ${name}`, run);
for (const { name, run } of cases(asIs, simulated)) it(`simulated: ${name}`, () => simulated.run(run()));
