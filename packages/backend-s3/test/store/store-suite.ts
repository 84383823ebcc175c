import { backendCases, type Case } from "@zspine/conformance";
import type { OpenOptions } from "@zspine/core";
// The store is built after the backends that its own tests use, so it is taken from its sources.
import { storeCases, type StoreSuiteOptions } from "../../../store/src/conformance/index.ts";
import { dropStore, openStore, restoreStore } from "../../../store/src/index.ts";
import { FakeS3 } from "../../src/fake.ts";
import type { ObjectCache } from "../../src/index.ts";
import { defineS3 } from "../../src/s3/s3.ts";
import { capabilities } from "../capabilities.ts";

/** As it is by default, but that values move as soon as that may be. */
const s3 = defineS3({ block: 256, inlineBytes: 2 ** 16, slackBytes: 0 });

/** The cases of the suite of stores, over a fake service. */
export function casesOverFake(speed: "quick" | "all", cache?: ObjectCache): ReturnType<typeof storeCases> {
  const fake = new FakeS3();
  const opener = (prefix: string) => s3({ ...fake.options, prefix, cache });
  const options: StoreSuiteOptions = {
    capabilities,
    open: (given, place) => openStore({ ...given, backend: opener(place) }),
    places: { opener, restore: restoreStore, drop: dropStore },
  };
  return storeCases({ ...options, speed });
}

/** The cases of the contract of backends, over a fake service and a cache. */
export function contractOverFake(cache: ObjectCache): Case[] {
  const fake = new FakeS3();
  const open = (prefix: string, how?: OpenOptions) => s3({ ...fake.options, prefix, cache }).open(how);
  return backendCases({ capabilities, open });
}
