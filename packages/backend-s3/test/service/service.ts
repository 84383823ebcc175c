import type { S3Options } from "../../src/index.ts";

/** A real service, where the environment names one: `npm run test:s3` does, and who has a bucket may. */
export function serviceOptions(): S3Options | undefined {
  const { env } = process;
  const endpoint = env["ZSPINE_S3_ENDPOINT"];
  if (endpoint === undefined) return undefined;
  return {
    endpoint: endpoint.split(","),
    bucket: env["ZSPINE_S3_BUCKET"] ?? "",
    region: env["ZSPINE_S3_REGION"] ?? "us-east-1",
    credentials: { accessKeyId: env["ZSPINE_S3_KEY"] ?? "", secretAccessKey: env["ZSPINE_S3_SECRET"] ?? "" },
  };
}
