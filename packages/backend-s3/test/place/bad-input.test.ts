import { describe, expect, it } from "vitest";
import { FakeS3, type FakeFault, type FakeRequest } from "../../src/fake.ts";
import { s3, type S3Options } from "../../src/index.ts";

const BAD_OPTIONS: readonly [string, Readonly<Record<string, unknown>>, RegExp][] = [
  ["an endpoint with a path", { endpoint: "https://s3.test/bucket" }, /scheme and host only/],
  ["an endpoint that is no URL", { endpoint: ["s3.test"] }, /scheme and host only/],
  ["no endpoint", { endpoint: [] }, /the URL of a service/],
  ["a bucket that cannot be", { bucket: "Bucket" }, /3 to 63/],
  ["a prefix that leads away", { prefix: "../other" }, /app\/orders/],
  ["keys without a secret", { credentials: { accessKeyId: "a" } }, /secretAccessKey/],
  ["an option that there is not", { endpoints: ["http://a"] }, /endpoint/],
  ["a probe that is left out", { probe: "never" }, /"once" or "always"/],
];

type Setting = { options?: Partial<S3Options>; misbehave?: (request: FakeRequest) => FakeFault | undefined };

const BAD_SERVICES: readonly [string, Setting, string, RegExp][] = [
  [
    "a wrong secret",
    { options: { credentials: { accessKeyId: "fake-key", secretAccessKey: "wrong" } } },
    "ZSPINE_IO",
    /SignatureDoesNotMatch.*secret key/,
  ],
  [
    "a key that is not known",
    { options: { credentials: { accessKeyId: "other", secretAccessKey: "fake-secret" } } },
    "ZSPINE_IO",
    /InvalidAccessKeyId.*does not know the access key/,
  ],
  [
    "a bucket that is not there",
    { options: { bucket: "missing" } },
    "ZSPINE_IO",
    /NoSuchBucket.*create bucket "missing"/,
  ],
  [
    "no right to list",
    {
      misbehave: ({ isList }) => (isList ? { type: "status", status: 403, code: "AccessDenied" } : undefined),
    },
    "ZSPINE_IO",
    /s3:ListBucket/,
  ],
  [
    "no right to write",
    {
      misbehave: ({ method }) =>
        method === "PUT" ? { type: "status", status: 403, code: "AccessDenied" } : undefined,
    },
    "ZSPINE_IO",
    /s3:PutObject.*readOnly: true/,
  ],
  [
    "a service without conditions",
    {
      misbehave: ({ headers }) =>
        headers["if-none-match"] ? { type: "status", status: 501, code: "NotImplemented" } : undefined,
    },
    "ZSPINE_IO",
    /lacks what zspine needs/,
  ],
  [
    "keys that cannot be had",
    { options: { credentials: () => Promise.reject(new Error("no role")) } },
    "ZSPINE_IO",
    /credentials of s3\(\) could not be had: no role/,
  ],
  [
    "an endpoint that does not answer",
    { options: { patienceMs: 0 }, misbehave: () => ({ type: "lose", isDone: false }) },
    "ZSPINE_IO",
    /the connection was reset.*check endpoint and network/,
  ],
];

describe("s3()", () => {
  it.each(BAD_OPTIONS)("refuses %s, and says what to write", (_, given, advice) => {
    const { options } = new FakeS3();
    const refused = expect.objectContaining({
      code: "ZSPINE_INVALID_OPTIONS",
      message: expect.stringMatching(advice) as string,
    });
    expect(() => s3({ ...options, ...given } as S3Options)).toThrowError(refused);
  });

  it.each(BAD_SERVICES)(
    "tells of %s when it is opened, and what to do",
    async (_, setting, code, message) => {
      const fake = new FakeS3();
      if (setting.misbehave) fake.misbehave = setting.misbehave;
      const opening = s3({ ...fake.options, ...setting.options }).open();
      await expect(opening).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message) as string,
      });
    },
  );

  it("refuses a prefix that holds something else, and touches nothing of it", async () => {
    const fake = new FakeS3();
    fake.objects.set("photos/cat.jpg", new Uint8Array(3));
    const other = s3({ ...fake.options, prefix: "photos" });
    await expect(other.open()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    await expect(other.drop()).rejects.toMatchObject({ code: "ZSPINE_FORMAT" });
    fake.objects.set("later/zspine", new TextEncoder().encode('{"format":"zspine-s3","version":2}'));
    await expect(s3({ ...fake.options, prefix: "later" }).open()).rejects.toMatchObject({
      code: "ZSPINE_FORMAT",
    });
    expect(fake.objects.keys()).toEqual(["later/zspine", "photos/cat.jpg"]);
  });

  it("opens nothing to read where nothing is, and drops nothing twice", async () => {
    const fake = new FakeS3();
    const opener = s3({ ...fake.options, prefix: "a" });
    await expect(opener.open({ readOnly: true })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await expect(opener.open({ guest: true })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    const backend = await opener.open();
    await backend.createHead(1, new Uint8Array(3), [
      { type: "put", name: "v", bytes: new Uint8Array(2 ** 17) },
    ]);
    await backend.close();
    fake.objects.set("b", new Uint8Array(1));
    await opener.drop();
    await opener.drop();
    expect(fake.objects.keys()).toEqual(["b"]);
  });

  it.each([-1, 1])("OT10 goes by the service's clock where its own is an hour off (%i)", async (hours) => {
    const fake = new FakeS3();
    fake.clockOffsetMs = hours * 3_600_000;
    const backend = await s3(fake.options).open();
    await backend.createHead(1, new Uint8Array(3), []);
    await backend.close();
    expect((await (await s3(fake.options).open({ readOnly: true })).readHead())?.number).toBe(1);
  });

  it("asks for keys again when they have ended", async () => {
    const fake = new FakeS3();
    let asked = 0;
    const credentials = () =>
      Promise.resolve({ ...fake.options.credentials, sessionToken: `token-${++asked}` });
    const backend = await s3({ ...fake.options, credentials }).open();
    fake.misbehave = ({ headers }) =>
      headers["x-amz-security-token"] === "token-1"
        ? { type: "status", status: 400, code: "ExpiredToken" }
        : undefined;
    await backend.createHead(1, new Uint8Array(3), []);
    expect(asked).toBe(2);
  });

  it("OT1 lets one of 32 contenders at two endpoints create each of 50 heads", async () => {
    const fake = new FakeS3();
    const endpoint = [fake.options.endpoint, "http://second"];
    const handles = await Promise.all(
      [0, 1].map((at) => s3({ ...fake.options, endpoint: endpoint.slice(at) }).open()),
    );
    for (let number = 1; number <= 50; number++) {
      const ends = await Promise.allSettled(
        Array.from({ length: 32 }, (_, at) => handles[at % 2]!.createHead(number, new Uint8Array([at]), [])),
      );
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    }
    expect((await handles[0]!.readHead())?.number).toBe(50);
  });
});
