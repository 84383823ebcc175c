import { refused, ZspineError } from "@zspine/core";
import type { S3Options } from "./s3-options.ts";

/**
 * Gives the options of `s3()` for a place that a person writes as `s3://BUCKET/PREFIX`: the service and the keys are those that
 * programs of Amazon's read of the environment, `AWS_ENDPOINT_URL`, `AWS_REGION` or `AWS_DEFAULT_REGION`,
 * `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for another address, or when the keys are missing.
 */
export function s3Address(address: string, env: Readonly<Record<string, string | undefined>>): S3Options {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(address) ?? [];
  if (bucket === undefined) throw refused(["s3Address"], "an address such as s3://BUCKET/PREFIX", address);
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `For ${address} the keys are missing. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL where the service is not Amazon's.`,
      { path: ["s3Address"] },
    );
  }
  return {
    endpoint: env["AWS_ENDPOINT_URL"] ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    ...(prefix === "" ? {} : { prefix: prefix! }),
    credentials: { accessKeyId, secretAccessKey, sessionToken: env["AWS_SESSION_TOKEN"] },
  };
}
