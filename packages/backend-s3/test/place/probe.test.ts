import { describe, expect, it } from "vitest";
import { FakeS3, type FakeFault, type FakeRequest } from "../../src/fake.ts";
import { s3 } from "../../src/index.ts";

const isConditional = ({ headers }: FakeRequest) => headers["if-none-match"] === "*";
const unfit = expect.objectContaining({ code: "ZSPINE_NOT_SUPPORTED" });

describe("the probe at opening", () => {
  it.each<[string, (request: FakeRequest) => FakeFault | undefined]>([
    ["ignores conditions", () => ({ type: "unconditional" })],
    ["lets several win", (request) => (isConditional(request) ? { type: "race" } : undefined)],
    [
      "ignores conditions at its second gateway",
      ({ host }) => (host === "second" ? { type: "unconditional" } : undefined),
    ],
    [
      "refuses all of them",
      (request) => (isConditional(request) ? { type: "status", status: 412 } : undefined),
    ],
  ])("refuses a service that %s, and leaves nothing behind", async (_, misbehave) => {
    const fake = new FakeS3();
    fake.misbehave = misbehave;
    const options = { ...fake.options, endpoint: [fake.options.endpoint, "http://second"] };
    await expect(s3(options).open()).rejects.toEqual(unfit);
    expect(fake.objects.keys()).toEqual([]);
  });

  it("is made once for an endpoint, and each time when that is asked for", async () => {
    const fake = new FakeS3();
    const requests = async (options: Partial<Parameters<typeof s3>[0]> = {}) => {
      fake.resetCounts();
      await (await s3({ ...fake.options, ...options }).open()).close();
      return fake.counts().put.requests;
    };
    const first = await requests();
    expect(first).toBeGreaterThan(32);
    expect(await requests()).toBe(1);
    expect(await requests({ probe: "always" })).toBe(first);
    expect(await requests()).toBe(1);
    const marker = JSON.parse(new TextDecoder().decode(fake.objects.bytes("zspine"))) as object;
    expect(marker).toMatchObject({ format: "zspine-s3", probed: { endpoints: [fake.options.endpoint] } });
    expect(fake.objects.keys()).toEqual(["zspine"]);
  });

  it("is not made for who only reads", async () => {
    const fake = new FakeS3();
    await (await s3(fake.options).open()).close();
    fake.resetCounts();
    await s3({ ...fake.options, probe: "always" }).open({ readOnly: true });
    expect(fake.counts().put).toEqual({ requests: 1, bytes: 0 });
  });
});
