import { AwsV4Signer } from "aws4fetch";
import { systemEnvironment, type Environment } from "@zspine/core";
import type { Fetch, HttpRequest, HttpResponse } from "../client/http.ts";
import { RequestCounter, type RequestCounts } from "../client/requests.ts";
import type { FakeFault, FakeRequest } from "./fake-fault.ts";
import { failure, type FakeAnswer } from "./fake-answer.ts";
import { FakeObjects } from "./fake-objects.ts";

/** How a fake service is. */
export interface FakeS3Options {
  /** Where delays come from. By default the process. */
  readonly environment?: Pick<Environment, "schedule"> | undefined;
  /** Whether it takes requests that nobody has signed, which saves a simulation much time. By default false. */
  readonly takesUnsigned?: boolean | undefined;
  /** The least bytes of a part of an upload, but the last. By default 5 MiB, as S3 has it. */
  readonly partBytesMin?: number | undefined;
}

const PART_BYTES_MIN = 5 * 2 ** 20;
const SKEW_MS_MAX = 15 * 60_000;
const REGION = "us-east-1";

/**
 * A service that speaks S3, in memory: `s3({ ...fake.options })` is a backend over it. It does one request at a time, exactly as
 * S3 is to, checks keys, signatures and clocks, counts requests, and goes wrong as it is told to. For tests of programs that use
 * object storage; several handles may share one.
 */
export class FakeS3 {
  /** What `s3()` is to be given to use it, with the bucket `bucket`. */
  readonly options: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly fetch: Fetch;
  };
  /** Chooses how to go wrong at a request; by default it does not. */
  misbehave: (request: FakeRequest) => FakeFault | undefined = () => undefined;
  /** Waited for before a request is done, and again before it is answered: a scheduler chooses which goes on. */
  gate: ((request: FakeRequest, when: "before" | "after") => Promise<void>) | undefined;
  /** How far its clock is ahead, in milliseconds. */
  clockOffsetMs = 0;
  readonly #environment: Pick<Environment, "schedule">;
  readonly #takesUnsigned: boolean;
  readonly #bucket: FakeObjects;
  readonly #late: FakeRequest[] = [];
  readonly #derived = new Map<string, ArrayBuffer>();
  #counter = new RequestCounter();
  #number = 0;

  constructor({
    environment = systemEnvironment(),
    takesUnsigned = false,
    partBytesMin = PART_BYTES_MIN,
  }: FakeS3Options = {}) {
    this.#bucket = new FakeObjects(partBytesMin);
    this.#takesUnsigned = takesUnsigned;
    this.#environment = environment;
    this.options = {
      endpoint: "http://fake-s3",
      bucket: "bucket",
      credentials: { accessKeyId: "fake-key", secretAccessKey: "fake-secret" },
      fetch: (url, request) => this.#fetch(url, request),
    };
  }

  /** The objects of its bucket. */
  get objects(): FakeObjects {
    return this.#bucket;
  }

  /** The requests since the last call of {@link FakeS3.resetCounts}. */
  counts(): RequestCounts {
    return this.#counter.counts();
  }

  /** Counts from here on. */
  resetCounts(): void {
    this.#counter = new RequestCounter();
  }

  /** Does what was kept back by faults of type `late`, in the order in which it came. */
  land(): void {
    for (const request of this.#late.splice(0)) this.#do(request, true);
  }

  async #fetch(url: string, { method, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const request = readRequest(url, method, headers, body, this.#number++);
    this.#counter.note(method, request.isList, request.body.length);
    signal.throwIfAborted();
    await this.gate?.(request, "before");
    await Promise.resolve();
    signal.throwIfAborted();
    const fault = this.misbehave(request);
    const answer = (await this.#refusal(request, url)) ?? (await this.#perform(request, fault));
    if (fault?.type === "slow") await this.#wait(fault.delayMs, signal);
    await this.gate?.(request, "after");
    signal.throwIfAborted();
    const date = new Date(Date.now() + this.clockOffsetMs).toUTCString();
    const response = responseOf({ ...answer, headers: { date, ...answer.headers } }, fault, method);
    this.#counter.take(method, request.isList, method === "HEAD" ? 0 : answer.body.length);
    return response;
  }

  async #perform(request: FakeRequest, fault: FakeFault | undefined): Promise<FakeAnswer> {
    if (fault?.type === "late") {
      this.#late.push(request);
      throw new TypeError("fetch failed", { cause: new Error("the connection was reset") });
    }
    if (fault?.type === "race") {
      const refused = this.#bucket.refusal(request);
      await this.#wait(0, undefined);
      return refused ?? this.#bucket.answer(request);
    }
    const isDone = fault === undefined || !("isDone" in fault) || fault.isDone === true;
    const answer =
      isDone && (fault?.type !== "status" || fault.isDone === true)
        ? this.#do(request, fault?.type !== "unconditional")
        : undefined;
    if (fault?.type === "lose") {
      throw new TypeError("fetch failed", { cause: new Error("the connection was reset") });
    }
    if (fault?.type !== "status") return answer!;
    const refused = failure(fault.status, fault.code ?? "InternalError", "as the test wants it");
    const retryAfter = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    return { ...refused, headers: { ...refused.headers, ...retryAfter } };
  }

  #do(request: FakeRequest, isConditional: boolean): FakeAnswer {
    const refused = isConditional && request.method !== "GET" ? this.#bucket.refusal(request) : undefined;
    return refused ?? this.#bucket.answer(request);
  }

  /** Refuses what is not signed rightly, or for another bucket. */
  async #refusal({ method, bucket, headers }: FakeRequest, url: string): Promise<FakeAnswer | undefined> {
    const { accessKeyId, secretAccessKey } = this.options.credentials;
    if (this.#takesUnsigned && headers["authorization"] === undefined) return undefined;
    const datetime = headers["x-amz-date"] ?? "";
    const found = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/([^/]+)\//.exec(headers["authorization"] ?? "");
    if (found === null) return failure(403, "AccessDenied", "Access Denied");
    if (found[1] !== accessKeyId) return failure(403, "InvalidAccessKeyId", "The access key does not exist.");
    const [, year, month, day, hours, minutes, seconds] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(datetime)?.map(Number) ?? [];
    const told = Date.UTC(year!, month! - 1, day, hours, minutes, seconds);
    if (!(Math.abs(Date.now() + this.clockOffsetMs - told) <= SKEW_MS_MAX))
      return failure(403, "RequestTimeTooSkewed", "The difference between the times is too large.");
    const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization"));
    const keys = { accessKeyId, secretAccessKey, cache: this.#derived };
    const signer = new AwsV4Signer({
      method,
      url,
      headers: signed,
      service: "s3",
      region: REGION,
      datetime,
      ...keys,
    });
    if ((await signer.authHeader()) !== headers["authorization"])
      return failure(403, "SignatureDoesNotMatch", "The signature does not match.");
    if (bucket !== this.options.bucket)
      return failure(404, "NoSuchBucket", "The specified bucket does not exist");
    return undefined;
  }

  #wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#environment.schedule(resolve, delayMs);
      signal?.addEventListener("abort", () => {
        cancel();
        reject(signal.reason as Error);
      });
    });
  }
}

function readRequest(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array | undefined,
  number: number,
): FakeRequest {
  const [, host = "", path = "", search = ""] = /^https?:\/\/([^/]+)\/([^?]*)\??(.*)$/.exec(url) ?? [];
  const [bucket = "", ...key] = path.split("/").map(decodeURIComponent);
  const pairs = search.split("&").map((pair) => pair.split("="));
  const query = Object.fromEntries(
    search === "" ? [] : pairs.map(([name = "", value = ""]) => [name, decodeURIComponent(value)]),
  );
  return {
    method,
    host,
    bucket,
    key: key.join("/"),
    query,
    headers: { ...headers },
    body: body?.slice() ?? new Uint8Array(0),
    isList: query["list-type"] !== undefined,
    number,
  };
}

function responseOf(
  { status, headers, body }: FakeAnswer,
  fault: FakeFault | undefined,
  method: string,
): HttpResponse {
  const told: Record<string, string> = { "content-length": String(body.length), ...headers };
  let sent = body.slice();
  if (fault?.type === "cut") {
    sent = sent.slice(0, fault.bytes);
    if (!fault.isTold) delete told["content-length"];
  }
  if (fault?.type === "flip" && sent.length > 0) sent[fault.at % sent.length]! ^= 1;
  return {
    status,
    headers: { get: (name) => told[name.toLowerCase()] ?? null },
    arrayBuffer: () => Promise.resolve(method === "HEAD" ? new ArrayBuffer(0) : (sent.buffer as ArrayBuffer)),
  };
}
