import { expect, it } from "vitest";
import { s3, s3Address } from "../../src/index.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

it("s3Address() gives bucket and prefix, and what the environment says of service, region and keys", () => {
  expect(s3Address("s3://bucket/a/b", KEYS)).toEqual({
    endpoint: "https://s3.us-east-1.amazonaws.com",
    region: "us-east-1",
    bucket: "bucket",
    prefix: "a/b",
    credentials: { accessKeyId: "id", secretAccessKey: "secret", sessionToken: undefined },
  });
  const env = {
    ...KEYS,
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_DEFAULT_REGION: "r",
    AWS_SESSION_TOKEN: "t",
  };
  const options = s3Address("s3://bucket", env);
  expect(options).toMatchObject({ endpoint: "http://127.0.0.1:9", region: "r", bucket: "bucket" });
  expect(options).not.toHaveProperty("prefix");
  expect(options.credentials).toMatchObject({ sessionToken: "t" });
  expect(s3(options).type).toBe("s3");
});

it("s3Address() says what to set when keys are missing, and what to write for another address", () => {
  const code = "ZSPINE_INVALID_OPTIONS";
  expect(() => s3Address("s3://bucket", {})).toThrow(expect.objectContaining({ code }));
  expect(() => s3Address("s3://bucket", {})).toThrow(/Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  expect(() => s3Address("./data", KEYS)).toThrow(/such as s3:\/\/BUCKET\/PREFIX/);
});
