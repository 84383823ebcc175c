import { describe, it } from "vitest";
import { storeCases } from "../src/conformance/index.ts";
import { MEDIA } from "./memory-media.ts";

for (const [medium, optionsOf] of Object.entries(MEDIA)) {
  describe(medium, () => {
    for (const { name, run } of storeCases(optionsOf((backend) => backend))) it(name, run);
  });
}
