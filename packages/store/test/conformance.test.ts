import { chaos, recording, SimulatedEnvironment, storeCases } from "@zspine/conformance";
import { memory } from "@zspine/backend-memory";
import { systemEnvironment, type Backend, type Environment } from "@zspine/core";
import { it } from "vitest";
import { openStore } from "../src/index.ts";

const { capabilities } = memory();
const simulated = new SimulatedEnvironment(1, { latencyMsMax: 5 });
const cases = (backend: () => Backend, environment: Environment = systemEnvironment()) =>
  storeCases({ capabilities, environment, open: (options) => openStore({ backend: backend(), ...options }) });

for (const { name, run } of cases(memory)) it(name, run);
for (const { name, run } of cases(() => chaos(recording(memory())))) it(`wrapped: ${name}`, run);
for (const { name, run } of cases(memory, simulated)) it(`simulated: ${name}`, () => simulated.run(run()));
