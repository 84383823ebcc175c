import { chaos, recording } from "@zspine/conformance";
import { describe, it } from "vitest";
import { storeCases } from "../src/conformance/index.ts";
import { MEDIA, optionsOf } from "./disk-media.ts";

/** What wrappers do to a backend, Node tells: another runtime takes as long for it, and says nothing new. */
const IS_NODE = process.env["ZSPINE_RUNTIME"] === undefined;

for (const medium of Object.keys(MEDIA)) {
  describe(`L16 a store over backend-${medium}`, async () => {
    for (const { name, run } of storeCases(await optionsOf(medium, "plain", (backend) => backend)))
      it(name, run);
    if (!IS_NODE) return;
    // The other half than over memory.
    const wrapped = storeCases(await optionsOf(medium, "wrapped", (backend) => chaos(recording(backend))));
    for (const { name, run } of wrapped.filter((_, n) => n % 2 === 1)) it(`wrapped: ${name}`, run);
  });
}
