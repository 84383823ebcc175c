import { chaos, recording, SimulatedEnvironment } from "@zspine/conformance";
import { describe, it } from "vitest";
import { storeCases } from "../src/conformance/index.ts";
import { MEDIA } from "./memory-media.ts";

for (const [medium, optionsOf] of Object.entries(MEDIA)) {
  describe(medium, () => {
    for (const { name, run } of storeCases(optionsOf((backend) => backend))) it(name, run);
    const wrapped = storeCases(optionsOf((backend) => chaos(recording(backend))));
    for (const { name, run } of wrapped.filter((_, n) => n % 2 === 0)) it(`wrapped: ${name}`, run);
    const environment = new SimulatedEnvironment(1, { latencyMsMax: 5 });
    const simulated = storeCases({ ...optionsOf((backend) => backend), environment });
    for (const { name, run } of simulated) it(`simulated: ${name}`, () => environment.run(run()));
  });
}
