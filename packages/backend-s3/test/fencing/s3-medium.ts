import type { BackendOpener, Environment } from "@zspine/core";
import { handleOf } from "@zspine/core";
import { SeededRandom } from "@zspine/conformance";
import type { FencingMedium } from "../../../store/test/fencing/fencing-medium.ts";
import type { Gate } from "../../../store/test/fencing/stop-sign.ts";
import { S3Backend } from "../../src/backend/s3-backend.ts";
import type { Fetch } from "../../src/client/http.ts";
import { FakeS3 } from "../../src/fake.ts";
import { EDITS, headNumber, HEADS } from "../../src/layout/keys.ts";
import { plainBucket } from "../plain-bucket.ts";
import { loadStoredHalf } from "../../../store/src/store/load-stored-half.ts";

// A simulation waits for no file. Loaded here, and not before each file of tests, it has the faults that are planted.
await loadStoredHalf();

/** Heads of a block, so few that all but landmarks are removed while a writer stands still. */
const BLOCK = 4;
const INLINE_BYTES = 300;

/** Places in fake services, a step of which is one request, before it is done or after it is answered. */
export function s3Medium(services: Map<string, FakeS3> = new Map()): FencingMedium {
  const random = new SeededRandom(1);
  return {
    opener(place, gate): BackendOpener {
      const fake = services.get(place) ?? new FakeS3({ takesUnsigned: true });
      services.set(place, fake);
      return {
        type: "s3",
        open: async (how = {}) => {
          const role = how.readOnly === true ? "reader" : how.guest === true ? "guest" : "writer";
          const bucket = plainBucket(fake, CLOCK, { fetch: gated(fake, gate) });
          const page = await bucket.list("", "opening");
          const newest = page.keys.find((key) => key.startsWith(HEADS));
          const edits = page.keys.filter((key) => key.startsWith(EDITS));
          const backend = new S3Backend({
            bucket,
            name: place,
            role,
            block: BLOCK,
            inlineBytes: INLINE_BYTES,
            // Values move as soon as that may be.
            slackBytes: 0,
            random: () => random.uint32(),
            listed: { head: newest === undefined ? 0 : headNumber(newest), edits },
          });
          return handleOf(backend);
        },
        drop: async () => undefined,
      };
    },
  };
}

/** Nothing times out. */
const CLOCK: Pick<Environment, "now" | "random" | "schedule"> = {
  now: () => 0,
  random: () => 0,
  schedule: () => () => undefined,
};

function gated(fake: FakeS3, gate: Gate): Fetch {
  return (url, request) => gate(() => fake.options.fetch(url, request));
}
