import type { FakeRequest } from "./fake-fault.ts";
import { failure, success, xmlText, type FakeAnswer } from "./fake-answer.ts";
import { FakeUploads } from "./fake-uploads.ts";

interface FakeObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

const encoder = new TextEncoder();

/** The objects of one bucket, and what the requests of S3 do with them; each at once. */
export class FakeObjects {
  readonly #objects = new Map<string, FakeObject>();
  readonly #uploads: FakeUploads;
  #changes = 0;

  constructor(partBytesMin: number) {
    this.#uploads = new FakeUploads(partBytesMin);
  }

  /** The keys that are there, ascending. */
  keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  /** The bytes of an object. */
  bytes(key: string): Uint8Array | undefined {
    return this.#objects.get(key)?.bytes;
  }

  /** Puts an object behind the service's back. */
  set(key: string, bytes: Uint8Array): void {
    this.#put(key, bytes, {});
  }

  /** How many uploads in parts were begun, and neither completed nor ended. */
  get uploads(): number {
    return this.#uploads.count;
  }

  /** Ends all uploads in parts, as a rule of a bucket does. */
  endUploads(): void {
    this.#uploads.clear();
  }

  /** Whether the condition of a request is met; else the answer that refuses it. */
  refusal({ key, headers }: FakeRequest): FakeAnswer | undefined {
    const there = this.#objects.get(key);
    const isMatched = headers["if-match"] === undefined || there?.etag === headers["if-match"];
    if (headers["if-none-match"] !== "*" || there === undefined) {
      if (isMatched) return undefined;
      if (there === undefined) return failure(404, "NoSuchKey", "There is no object to match.");
    }
    return failure(
      412,
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
    );
  }

  /** Does what a request asks for, whose condition is met. */
  answer(request: FakeRequest): FakeAnswer {
    const { method, key, query, body } = request;
    if (request.isList) return this.#list(query);
    if (method === "POST" && query["uploads"] !== undefined) return this.#uploads.begin(request);
    if (query["uploadId"] !== undefined) return this.#answerUpload(request, query["uploadId"]);
    if (method === "PUT") return success({ etag: this.#put(key, body, request.headers) });
    if (method === "DELETE") {
      this.#objects.delete(key);
      return { ...success(), status: 204 };
    }
    if (method === "GET" || method === "HEAD") return this.#get(request);
    return failure(405, "MethodNotAllowed", "The specified method is not allowed.");
  }

  #put(key: string, bytes: Uint8Array, headers: Readonly<Record<string, string>>): string {
    const etag = `"${(++this.#changes).toString(16).padStart(32, "0")}"`;
    const kept = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
    this.#objects.set(key, { bytes: bytes.slice(), etag, headers: Object.fromEntries(kept) });
    return etag;
  }

  #get({ method, key, headers }: FakeRequest): FakeAnswer {
    const there = this.#objects.get(key);
    if (there === undefined) return failure(404, "NoSuchKey", "The specified key does not exist.");
    const { length } = there.bytes;
    const told = { ...there.headers, etag: there.etag };
    if (method === "HEAD")
      return { status: 200, headers: { ...told, "content-length": String(length) }, body: new Uint8Array(0) };
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "");
    if (range === null) return success(told, there.bytes.slice());
    const [first, last] = [Number(range[1]), Math.min(Number(range[2]), length - 1)];
    if (first >= length) {
      const refused = failure(416, "InvalidRange", "The requested range is not satisfiable");
      return { ...refused, headers: { ...refused.headers, "content-range": `bytes */${length}` } };
    }
    const part = { ...told, "content-range": `bytes ${first}-${last}/${length}` };
    return { ...success(part, there.bytes.slice(first, last + 1)), status: 206 };
  }

  #list(query: FakeRequest["query"]): FakeAnswer {
    const { prefix = "" } = query;
    const after = query["continuation-token"] ?? query["start-after"] ?? "";
    const most = Math.min(1000, Number(query["max-keys"] ?? 1000));
    const found = this.keys().filter((key) => key.startsWith(prefix) && key > after);
    const page = found.slice(0, most);
    const isTruncated = found.length > page.length;
    const contents = page.map((key) => {
      const { bytes, etag } = this.#objects.get(key)!;
      return `<Contents><Key>${xmlText(key)}</Key><ETag>${xmlText(etag)}</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    const next = isTruncated ? `<NextContinuationToken>${xmlText(page.at(-1)!)}</NextContinuationToken>` : "";
    const xml = `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
    return success({}, encoder.encode(xml));
  }

  #answerUpload(request: FakeRequest, uploadId: string): FakeAnswer {
    const { method, key } = request;
    if (method === "PUT") return this.#uploads.putPart(request, uploadId);
    if (method === "DELETE") return this.#uploads.end(request, uploadId);
    const put = this.#uploads.complete(request, uploadId);
    if ("status" in put) return put;
    const etag = this.#put(key, put.bytes, put.headers);
    const xml = `<CompleteMultipartUploadResult><ETag>${xmlText(etag)}</ETag></CompleteMultipartUploadResult>`;
    return success({}, encoder.encode(xml));
  }
}
