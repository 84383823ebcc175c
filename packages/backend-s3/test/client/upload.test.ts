import { isZspineError, type ZspineError } from "@zspine/core";
import { describe, expect, it } from "vitest";
import type { Bucket } from "../../src/client/bucket.ts";
import { FakeS3, type FakeFault, type FakeRequest } from "../../src/fake.ts";
import { VirtualTime } from "../fault/virtual-time.ts";
import { plainBucket } from "../plain-bucket.ts";

/** The least that the service takes for a part. */
const PART = 1000;
const SIZES = { wholeBytes: PART, partBytes: PART, partsMax: 10_000 };
/** Begins, has three parts, is completed. */
const REQUESTS = 5;
const COMPLETION = 4;

const WHOLE = Uint8Array.from({ length: 2 * PART + 9 }, (_, at) => (at * 31) >>> 7);
const BEFORE = new TextEncoder().encode("what was there before");

interface Course {
  readonly time: VirtualTime;
  readonly fake: FakeS3;
  readonly bucket: Bucket;
  /** The requests that were taken in. */
  readonly requests: FakeRequest[];
}

/** A bucket with an object of that key, or without; `misbehave` is asked with the number of each request. */
function newCourse(
  before: Uint8Array | undefined,
  misbehave: (at: number, request: FakeRequest, fake: FakeS3) => FakeFault | undefined,
  sizes = SIZES,
): Course {
  const time = new VirtualTime(5);
  const fake = new FakeS3({ environment: time, takesUnsigned: true, partBytesMin: PART });
  if (before !== undefined) fake.objects.set("key", before);
  const requests: FakeRequest[] = [];
  fake.misbehave = (request) => {
    const fault = misbehave(requests.push(request) - 1, request, fake);
    const isOfUpload = "uploads" in request.query || "uploadId" in request.query;
    // Only who asks for an upload is told that it is not there.
    return fault?.type === "status" && fault.status === 404 && !isOfUpload ? undefined : fault;
  };
  return { time, fake, bucket: plainBucket(fake, time, { patienceMs: 3000, sizes }), requests };
}

/** Puts the object; gives the failure where there is one. */
async function put({ time, bucket }: Course): Promise<ZspineError | undefined> {
  try {
    await time.until(bucket.put("key", WHOLE, "an-id", "putting"));
    return undefined;
  } catch (error) {
    if (!isZspineError(error)) throw error;
    return error;
  }
}

function what({ fake }: Course, before: Uint8Array | undefined): "before" | "whole" | "other" {
  const there = fake.objects.bytes("key");
  if (isSame(there, before)) return "before";
  return isSame(there, WHOLE) ? "whole" : "other";
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a?.length === b?.length && (a === undefined || a.every((byte, at) => byte === b![at]));
}

const status = (code: number, name: string, isDone = false): FakeFault => ({
  type: "status",
  status: code,
  code: name,
  isDone,
});

const FAULTS: readonly (readonly [string, FakeFault])[] = [
  ["lost, and not done", { type: "lose", isDone: false }],
  ["lost, and done", { type: "lose", isDone: true }],
  ["lost, and done later", { type: "late" }],
  ["500, and not done", status(500, "InternalError")],
  ["500, and done", status(500, "InternalError", true)],
  ["503", status(503, "SlowDown")],
  ["404", status(404, "NoSuchUpload")],
  ["404, and done", status(404, "NoSuchUpload", true)],
  ["400", status(400, "InvalidPart")],
  ["403", status(403, "AccessDenied")],
  ["200 with an error in it, and not done", status(200, "InternalError")],
  ["200 with an error in it, and done", status(200, "InternalError", true)],
  ["200 with a refusal in it", status(200, "InvalidPart")],
  ["cut, and told so", { type: "cut", bytes: 20, isTold: true }],
  ["cut", { type: "cut", bytes: 20, isTold: false }],
];

describe.each([
  ["where nothing was before", undefined],
  ["over what was before", BEFORE],
])("put() in parts %s", (_, before) => {
  describe.each(FAULTS)("whose request is %s", (__, fault) => {
    it.each([
      ["once", 1],
      ["from there on", 1000],
    ])("puts the whole object, or tells truly whether it did: %s, at each request", async (___, times) => {
      for (let position = 0; position < REQUESTS; position++) {
        const course = newCourse(before, (at) =>
          at >= position && at < position + times ? fault : undefined,
        );
        const failure = await put(course);
        const where = `at request ${position}`;
        if (failure === undefined) expect(what(course, before), where).toBe("whole");
        else if (failure.determinate) expect(what(course, before), where).toBe("before");
        else expect(["before", "whole"], where).toContain(what(course, before));
        if (position < COMPLETION) expect(failure?.determinate ?? true, where).toBe(true);
        course.fake.land();
        const expected =
          failure === undefined ? ["whole"] : failure.determinate ? ["before"] : ["before", "whole"];
        expect(expected, `${where}, afterwards`).toContain(what(course, before));
      }
    });
  });

  it.each(FAULTS.filter(([name]) => !/40|refusal|cut$/.test(name)))(
    "goes on from a request that is %s once",
    async (__, fault) => {
      for (let position = 0; position < REQUESTS; position++) {
        const course = newCourse(before, (at) => (at === position ? fault : undefined));
        expect(await put(course), `at request ${position}`).toBeUndefined();
      }
    },
  );
});

describe("put() in parts, where the answer to its completion is lost,", () => {
  const lost =
    (isDone: boolean, then: (fake: FakeS3) => void) => (at: number, _: FakeRequest, fake: FakeS3) => {
      if (at === COMPLETION + 1) then(fake);
      return at === COMPLETION ? ({ type: "lose", isDone } as const) : undefined;
    };

  it("has succeeded when the object has its id, and gives that object's ETag", async () => {
    const course = newCourse(
      BEFORE,
      lost(true, () => undefined),
    );
    const etag = await course.time.until(course.bucket.put("key", WHOLE, "an-id", "putting"));
    const found = await course.time.until(course.bucket.get("key", "getting"));
    expect(etag).toBe(found?.etag);
  });

  it.each([
    ["nothing is there", undefined],
    ["what was before is there", BEFORE],
  ])("has failed, in doubt, when a rule of the bucket has ended the upload and %s", async (_, before) => {
    const course = newCourse(
      before,
      lost(false, ({ objects }) => objects.endUploads()),
    );
    expect(await put(course)).toMatchObject({ code: "ZSPINE_IO", determinate: false });
    expect(what(course, before)).toBe("before");
  });

  it("has failed, in doubt, when another has put the same bytes meanwhile", async () => {
    const course = newCourse(
      BEFORE,
      lost(true, ({ objects }) => objects.set("key", WHOLE)),
    );
    expect(await put(course)).toMatchObject({ code: "ZSPINE_IO", determinate: false });
  });

  it("is not ended, for services have taken parts of a whole object away with it", async () => {
    const course = newCourse(BEFORE, (at) =>
      at >= COMPLETION ? { type: "lose", isDone: false } : undefined,
    );
    expect(await put(course)).toMatchObject({ determinate: false });
    expect(course.requests.some(({ method }) => method === "DELETE")).toBe(false);
    expect(course.fake.objects.uploads).toBe(1);
  });
});

describe("put() in parts", () => {
  it("has failed, and certainly so, when the upload was ended before it was completed", async () => {
    const course = newCourse(BEFORE, (at, _, { objects }) => {
      if (at === COMPLETION) objects.endUploads();
      return undefined;
    });
    expect(await put(course)).toMatchObject({
      determinate: true,
      message: expect.stringContaining("NoSuchUpload") as string,
    });
    expect(what(course, BEFORE)).toBe("before");
  });

  it("ends an upload that was certainly not completed, so that nothing is left of it", async () => {
    for (const position of [1, 3, COMPLETION]) {
      const course = newCourse(BEFORE, (at) => (at === position ? status(403, "AccessDenied") : undefined));
      expect(await put(course)).toMatchObject({ determinate: true });
      expect(course.fake.objects.uploads).toBe(0);
    }
  });

  it("has the id from its beginning on, and no other request has a condition", async () => {
    const course = newCourse(undefined, () => undefined);
    expect(await put(course)).toBeUndefined();
    expect(course.requests.map(({ headers }) => headers["x-amz-meta-zspine-id"])).toEqual([
      "an-id",
      ...Array.from({ length: REQUESTS - 1 }, () => undefined),
    ]);
  });

  it("makes parts larger where there would be more than the service takes", async () => {
    const course = newCourse(undefined, () => undefined, { ...SIZES, partsMax: 2 });
    expect(await put(course)).toBeUndefined();
    expect(what(course, undefined)).toBe("whole");
    expect(course.requests.map(({ method, body }) => [method, body.length > PART])).toEqual([
      ["POST", false],
      ["PUT", true],
      ["PUT", true],
      ["POST", false],
    ]);
  });

  it("is refused by the service where parts are too small", async () => {
    const course = newCourse(undefined, () => undefined, { ...SIZES, partBytes: PART - 1 });
    expect(await put(course)).toMatchObject({
      determinate: true,
      message: expect.stringContaining("EntityTooSmall") as string,
    });
  });
});
