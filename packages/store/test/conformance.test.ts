import { describe, it } from "vitest";
import { storeCases } from "../src/conformance/index.ts";
import { MEDIA } from "./memory-media.ts";

for (const [medium, optionsOf] of Object.entries(MEDIA)) {
  describe(`${medium}, quick cases`, () => {
    const options = optionsOf((backend) => backend);
    for (const { name, run } of storeCases({ ...options, speed: "quick" })) it(name, run);
  });
}
