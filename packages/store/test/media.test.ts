import { describe, it } from "vitest";
import { storeCases } from "../src/conformance/index.ts";
import { MEDIA, optionsOf } from "./disk-media.ts";

// All of them run in the long tests.
for (const medium of Object.keys(MEDIA)) {
  describe(`L16 a store over backend-${medium}, every third of the quick cases`, async () => {
    const options = await optionsOf(medium, "plain", (backend) => backend);
    const quick = storeCases({ ...options, speed: "quick" });
    for (const { name, run } of quick.filter((_, n) => n % 3 === 0)) it(name, run);
  });
}
