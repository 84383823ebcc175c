import { systemEnvironment, type Backend, type Placement } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { memory } from "../../../backend-memory/src/index.ts";
import { backendCases, chaos, forward, recording, simulatedEnvironment } from "../../src/index.ts";

const { capabilities } = memory();
const wrappers = {
  "chaos() without a plan": () => chaos(memory()),
  "chaos() that is healed": () => {
    const backend = chaos(memory(), { seed: 1 });
    backend.heal();
    return backend;
  },
  "recording()": () => recording(memory()),
  "forward()": () => forward(memory()),
  "io() of a simulated environment": () => simulatedEnvironment(1).io(memory()),
  "io() of the system environment": () => systemEnvironment().io(memory()),
  "wrappers around wrappers": () => recording(chaos(recording(memory()))),
};

for (const [wrapper, open] of Object.entries(wrappers)) {
  describe(`${wrapper} proves the backend contract`, () => {
    for (const { name, run } of backendCases({ capabilities, open })) it(name, run);
  });
}

describe("a wrapper brings along the placement of what it wraps", () => {
  const placement: Placement = { name: "mine", maxSpillBytes: 0, enter: () => expect.unreachable() };
  const placed = { ...forward(memory()), placement };
  it.each(Object.entries({ chaos, recording, forward }))("%s()", (_, wrap) => {
    expect((wrap as (backend: Backend) => Backend)(placed).placement).toBe(placement);
  });
});

// A slow backend settles only as its simulation runs, so the cases run inside of one.
describe("chaos() that is slow at every call proves the backend contract", () => {
  const environment = simulatedEnvironment(7, { latencyMsMax: 10 });
  const cases = backendCases({
    capabilities,
    open: () => environment.io(memory()),
    turn: () => new Promise((resolve) => void environment.schedule(resolve, 1)),
  });
  for (const { name, run } of cases) it(name, () => environment.run(run()));
});
