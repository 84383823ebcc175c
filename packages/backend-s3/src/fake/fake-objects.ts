import type { FakeRequest } from "./fake-fault.ts";

/** An answer of the fake service. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

interface FakeObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** The objects of one bucket, and what the requests of S3 do with them; each at once. */
export class FakeObjects {
  readonly #objects = new Map<string, FakeObject>();
  readonly #uploads = new Map<string, Map<number, Uint8Array>>();
  #changes = 0;

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
    if (method === "PUT" && query["uploadId"] !== undefined) return this.#putPart(query, body);
    if (method === "POST") return this.#post(request);
    if (method === "PUT") return success({ etag: this.#put(key, body, request.headers) });
    if (method === "DELETE") {
      if (query["uploadId"] !== undefined) this.#uploads.delete(query["uploadId"]);
      else this.#objects.delete(key);
      return { status: 204, headers: {}, body: EMPTY };
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
      return { status: 200, headers: { ...told, "content-length": String(length) }, body: EMPTY };
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
      return `<Contents><Key>${escape(key)}</Key><ETag>${escape(etag)}</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    const next = isTruncated ? `<NextContinuationToken>${escape(page.at(-1)!)}</NextContinuationToken>` : "";
    const xml = `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`;
    return success({}, encoder.encode(xml));
  }

  #putPart(query: FakeRequest["query"], body: Uint8Array): FakeAnswer {
    const parts = this.#uploads.get(query["uploadId"]!);
    if (parts === undefined)
      return failure(404, "NoSuchUpload", "The specified multipart upload does not exist.");
    parts.set(Number(query["partNumber"]), body.slice());
    return success({ etag: `"part-${query["partNumber"]!}"` });
  }

  #post({ key, query, headers, body }: FakeRequest): FakeAnswer {
    if (query["uploads"] !== undefined) {
      const uploadId = `upload-${++this.#changes}`;
      this.#uploads.set(uploadId, new Map());
      const xml = `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`;
      return success({}, encoder.encode(xml));
    }
    const uploadId = query["uploadId"] ?? "";
    const parts = this.#uploads.get(uploadId);
    if (parts === undefined)
      return failure(404, "NoSuchUpload", "The specified multipart upload does not exist.");
    const named = Array.from(
      new TextDecoder().decode(body).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g),
      ([, part]) => parts.get(Number(part)),
    );
    if (named.includes(undefined))
      return failure(400, "InvalidPart", "One or more of the parts could not be found.");
    const whole = new Uint8Array(named.reduce((sum, part) => sum + part!.length, 0));
    let at = 0;
    for (const part of named) {
      whole.set(part!, at);
      at += part!.length;
    }
    this.#uploads.delete(uploadId);
    this.#put(key, whole, headers);
    return success({}, encoder.encode("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>"));
  }
}

/** Makes an answer that refuses a request, as S3 does. */
export function failure(status: number, code: string, message: string): FakeAnswer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${escape(message)}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body: encoder.encode(xml) };
}

function success(headers: Record<string, string>, body: Uint8Array = EMPTY): FakeAnswer {
  return { status: 200, headers, body };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
