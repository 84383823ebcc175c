import { textsOf } from "../client/xml.ts";
import { failure, success, type FakeAnswer } from "./fake-answer.ts";
import type { FakeRequest } from "./fake-fault.ts";

interface FakePart {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

interface FakeUpload {
  readonly key: string;
  /** Of the request that began it: the object gets them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, FakePart>;
}

/** What an upload has come to: an object to be put. */
interface FakePut {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const PARTS_MAX = 10_000;

/** The uploads in parts of one bucket. Checks numbers, order, ETags and the least size of parts, as S3 does. */
export class FakeUploads {
  readonly #uploads = new Map<string, FakeUpload>();
  readonly #partBytesMin: number;
  #changes = 0;

  constructor(partBytesMin: number) {
    this.#partBytesMin = partBytesMin;
  }

  get count(): number {
    return this.#uploads.size;
  }

  clear(): void {
    this.#uploads.clear();
  }

  begin({ key, headers }: FakeRequest): FakeAnswer {
    const uploadId = `upload-${++this.#changes}`;
    this.#uploads.set(uploadId, { key, headers, parts: new Map() });
    const xml = `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`;
    return success({}, new TextEncoder().encode(xml));
  }

  putPart({ key, query, body }: FakeRequest, uploadId: string): FakeAnswer {
    const upload = this.#of(key, uploadId);
    if (upload === undefined) return noUpload();
    const number = Number(query["partNumber"]);
    if (!Number.isInteger(number) || number < 1 || number > PARTS_MAX)
      return failure(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
    // As where parts are encrypted, the same bytes that come again have another.
    const etag = `"part-${number}-${++this.#changes}"`;
    upload.parts.set(number, { bytes: body.slice(), etag });
    return success({ etag });
  }

  end({ key }: FakeRequest, uploadId: string): FakeAnswer {
    if (this.#of(key, uploadId) === undefined) return noUpload();
    this.#uploads.delete(uploadId);
    return { ...success(), status: 204 };
  }

  /** Puts parts together; the upload is over then. Gives what is to be put, or the answer that refuses it. */
  complete({ key, body }: FakeRequest, uploadId: string): FakePut | FakeAnswer {
    const upload = this.#of(key, uploadId);
    if (upload === undefined) return noUpload();
    const xml = new TextDecoder().decode(body);
    const numbers = textsOf(xml, "PartNumber").map(Number);
    const etags = textsOf(xml, "ETag");
    if (numbers.length === 0 || numbers.length !== etags.length)
      return failure(400, "MalformedXML", "The XML you provided was not well-formed");
    if (numbers.some((number, at) => at > 0 && number <= numbers[at - 1]!))
      return failure(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
    const parts = numbers.map((number) => upload.parts.get(number));
    if (!parts.every((part, at) => part !== undefined && part.etag === etags[at]))
      return failure(400, "InvalidPart", "One or more of the parts could not be found, or has another ETag.");
    if (parts.slice(0, -1).some((part) => part!.bytes.length < this.#partBytesMin))
      return failure(400, "EntityTooSmall", "A part is smaller than the least that is allowed.");
    this.#uploads.delete(uploadId);
    return { bytes: joined(parts.map((part) => part!.bytes)), headers: upload.headers };
  }

  #of(key: string, uploadId: string): FakeUpload | undefined {
    const upload = this.#uploads.get(uploadId);
    return upload?.key === key ? upload : undefined;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function noUpload(): FakeAnswer {
  return failure(404, "NoSuchUpload", "The specified multipart upload does not exist.");
}
