import { describe, it } from "vitest";
import { storeCases } from "../src/conformance/index.ts";
import { MEDIA, optionsOf } from "./disk-media.ts";

for (const medium of Object.keys(MEDIA)) {
  describe(`L16 a store over backend-${medium}, quick cases`, async () => {
    const options = await optionsOf(medium, "plain", (backend) => backend);
    for (const { name, run } of storeCases({ ...options, speed: "quick" })) it(name, run);
  });
}
