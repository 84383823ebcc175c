// The store is built after the backends that its own tests use, so it is taken from its sources.
import { storeCases, type StoreSuiteOptions } from "../../../store/src/conformance/index.ts";
import { dropStore, openStore, restoreStore } from "../../../store/src/index.ts";
import { FakeS3 } from "../../src/fake.ts";
import { s3 } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";

/** The cases of the suite of stores, over a fake service. */
export function casesOverFake(speed: "quick" | "all"): ReturnType<typeof storeCases> {
  const fake = new FakeS3();
  const opener = (prefix: string) => s3({ ...fake.options, prefix });
  const options: StoreSuiteOptions = {
    capabilities,
    open: (given, place) => openStore({ ...given, backend: opener(place) }),
    places: { opener, restore: restoreStore, drop: dropStore },
  };
  return storeCases({ ...options, speed });
}
