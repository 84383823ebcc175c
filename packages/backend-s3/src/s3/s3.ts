import {
  checkGuest,
  defineBackend,
  handleOf,
  quote,
  systemEnvironment,
  type BackendOpener,
  type BackendPlugin,
} from "@zspine/core";
import { S3Backend, TYPE } from "../backend/s3-backend.ts";
import { CachedObjects, type ReadObject } from "../cache/cached-objects.ts";
import type { ObjectCache } from "../cache/object-cache.ts";
import { Bucket } from "../client/bucket.ts";
import { Signer } from "../client/credentials.ts";
import { Pace } from "../client/pace.ts";
import { RequestCounter } from "../client/requests.ts";
import { S3Client } from "../client/s3-client.ts";
import { dropPlace, findPlace } from "../place/place.ts";
import { checkS3Options, type CheckedOptions, type S3Options } from "./s3-options.ts";

/** Sizes that a test may replace. */
interface S3Sizes {
  /** How many heads there are to one that stays for good. */
  readonly block: number;
  /** How many bytes of values lie in the object of the head that they came with, at most. */
  readonly inlineBytes: number;
  /** How many bytes may be stored besides four to each that lives, before values are moved; by default 8 MiB. */
  readonly slackBytes?: number;
}

const SIZES: S3Sizes = { block: 256, inlineBytes: 2 ** 16 };

/** Makes the plugin `s3` with sizes that a test may replace. */
export function defineS3(sizes: S3Sizes): BackendPlugin<S3Options, BackendOpener> {
  return defineBackend({
    type: TYPE,
    create(given?: S3Options): BackendOpener {
      const options = checkS3Options(given);
      const { endpoints, bucket, prefix } = options;
      const where = `${endpoints[0]!}/${bucket}/${prefix}`;
      return {
        type: TYPE,
        async open(how = {}) {
          checkGuest(TYPE, how, true);
          const role = how.readOnly === true ? "reader" : how.guest === true ? "guest" : "writer";
          const counter = new RequestCounter();
          const objects = connect(options, counter);
          const { probe = "once", environment = systemEnvironment() } = options;
          // A method of the environment, which may need it.
          const random = (): number => environment.random();
          const id = `${random().toString(36)}-${random().toString(36)}`;
          const listed = await findPlace(objects, { role, probe, endpoints, where, id });
          const cached = cachedObjects(objects, options.cache, where, listed.id);
          const name = `s3 backend at ${where}`;
          const statistics = () => ({ ...counter.statistics(), ...cached?.statistics() });
          const parts = {
            ...sizes,
            bucket: objects,
            cached,
            name,
            role,
            random,
            listed,
            statistics,
          } as const;
          return handleOf(new S3Backend(parts));
        },
        async drop() {
          await dropPlace(connect(options, new RequestCounter()), where);
        },
      };
    },
  });
}

/**
 * Makes a backend that keeps bytes in a bucket of any service that speaks S3 and creates objects if they are absent
 * (`If-None-Match: *`). Durable and shared: of many writers one wins each commit, and readers stand beside them. Call it for an
 * opener, or hand it to `createRegistry` as the plugin `s3`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for an option that there is not, or that cannot be. To open it rejects with `ZSPINE_IO` when
 *   the service is not reached, or refuses (its code, and what to do, are in the message); with `ZSPINE_FORMAT` when something
 *   else is below the prefix; with `ZSPINE_NOT_SUPPORTED` when the service lets several create one object.
 */
export const s3: BackendPlugin<S3Options, BackendOpener> = defineS3(SIZES);

/** The objects of a place by way of a cache, where there is one and the place can be told from all others. */
function cachedObjects(
  bucket: Bucket,
  cache: ObjectCache | undefined,
  where: string,
  id: string | undefined,
): CachedObjects | undefined {
  if (cache === undefined || id === undefined) return undefined;
  const read: ReadObject = (key, range) => bucket.get(key, `reading ${quote(key)}`, range);
  return new CachedObjects(read, cache, `${where} ${id} `);
}

function connect(options: CheckedOptions, counter: RequestCounter): Bucket {
  const { endpoints, bucket, prefix, addressing = "path", credentials, region = "us-east-1" } = options;
  const { patienceMs = 60_000, timeoutMs = 30_000, environment = systemEnvironment() } = options;
  const client = new S3Client({
    endpoints,
    bucket,
    prefix,
    addressing,
    fetch: options.fetch ?? ((url, request) => fetch(url, request as Parameters<typeof fetch>[1])),
    clock: environment,
    pace: new Pace(environment),
    signer: new Signer(credentials, region),
    counter,
    patienceMs,
    timeoutMs,
  });
  return new Bucket(client, prefix);
}
