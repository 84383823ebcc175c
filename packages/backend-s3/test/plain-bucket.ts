import { Bucket } from "../src/client/bucket.ts";
import type { Signer } from "../src/client/credentials.ts";
import type { Fetch } from "../src/client/http.ts";
import { Pace, type Clock } from "../src/client/pace.ts";
import { RequestCounter } from "../src/client/requests.ts";
import { S3Client } from "../src/client/s3-client.ts";
import type { UploadSizes } from "../src/client/upload.ts";
import type { FakeS3 } from "../src/fake.ts";

/** How a bucket of tests is, where not as by default. */
interface PlainBucketOptions {
  readonly fetch?: Fetch;
  readonly patienceMs?: number;
  readonly sizes?: UploadSizes;
  /** Called for each request: it is not sent while that fails. */
  readonly sign?: () => Promise<void>;
}

/** A bucket over a fake service, whose requests nobody signs: so all that goes on in it are turns of promises. */
export function plainBucket(
  fake: FakeS3,
  clock: Clock,
  { fetch = fake.options.fetch, patienceMs = 60_000, sizes, sign: signed }: PlainBucketOptions = {},
): Bucket {
  const { endpoint, bucket } = fake.options;
  const sign = async (_: string, __: string, headers: object): Promise<object> => {
    await signed?.();
    return headers;
  };
  const client = new S3Client({
    endpoints: [endpoint],
    bucket,
    prefix: "",
    addressing: "path",
    fetch,
    clock,
    pace: new Pace(clock),
    signer: { sign } as unknown as Signer,
    counter: new RequestCounter(),
    patienceMs,
    timeoutMs: 30_000,
  });
  return new Bucket(client, "", sizes);
}

/** Lets all go on that can without time. */
export async function quiet(): Promise<void> {
  for (let round = 0; round < 150; round++) await Promise.resolve();
}
