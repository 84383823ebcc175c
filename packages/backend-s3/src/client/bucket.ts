import { atOnce, ZspineError, type ByteRange } from "@zspine/core";
import type { Answer, S3Client } from "./s3-client.ts";
import { MADE_BY, putInParts, UPLOAD_SIZES, type UploadSizes } from "./upload.ts";
import { textOf, textsOf } from "./xml.ts";

/** An object, or the part of it that was asked for. */
export interface Found {
  readonly bytes: Uint8Array;
  /** Bytes of the whole object. */
  readonly size: number;
  /** What tells it from others of its key; empty where the service tells none. */
  readonly etag: string;
}

/** One page of a listing. */
export interface Page {
  readonly keys: readonly string[];
  /** Whether there are more. */
  readonly next: string | undefined;
}

/** What became of an object that was to be created if absent. */
export interface Creation {
  readonly isCreated: boolean;
  /** Whether the one that is there may be what an attempt of the same call has put. */
  readonly mayBeOwn: boolean;
}

const CALLS_AT_ONCE = 16;

/** The objects below one prefix of a bucket, by their keys from there. */
export class Bucket {
  readonly client: S3Client;
  readonly #prefix: string;
  readonly #sizes: UploadSizes;

  /** @param prefix Empty, or with a slash at its end. */
  constructor(client: S3Client, prefix: string, sizes: UploadSizes = UPLOAD_SIZES) {
    this.client = client;
    this.#prefix = prefix;
    this.#sizes = sizes;
  }

  /** Reads an object; `undefined` where there is none. A part that begins beyond its end has no bytes. */
  async get(key: string, what: string, range?: ByteRange, signal?: AbortSignal): Promise<Found | undefined> {
    const headers =
      range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
    const answer = await this.client.send({
      method: range?.length === 0 ? "HEAD" : "GET",
      key: this.#prefix + key,
      headers: range?.length === 0 ? {} : headers,
      takes: range === undefined ? [404] : [404, 416],
      what,
      signal,
    });
    if (answer.status === 404) {
      checkMissing(answer, what, this.client);
      return undefined;
    }
    return found(answer, range);
  }

  /**
   * Puts an object, whatever is there; in parts where it is large. Resolves to its ETag, where the service tells it.
   *
   * @param id No other call has it.
   */
  async put(key: string, bytes: Uint8Array, id: string, what: string): Promise<string | undefined> {
    const whole = this.#prefix + key;
    if (bytes.length > this.#sizes.wholeBytes)
      return putInParts(this.client, { key: whole, bytes, id, what }, this.#sizes);
    const answer = await this.client.send({ method: "PUT", key: whole, body: bytes, what });
    return answer.header("etag");
  }

  /** Creates an object if there is none of that key. */
  async create(
    key: string,
    bytes: Uint8Array,
    what: string,
    more: { readonly headers?: Readonly<Record<string, string>>; readonly endpoint?: number } = {},
  ): Promise<Creation> {
    const { endpoint } = more;
    const answer = await this.client.send({
      method: "PUT",
      key: this.#prefix + key,
      headers: { ...more.headers, "if-none-match": "*" },
      body: bytes,
      takes: [412],
      what,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return { isCreated: answer.status !== 412, mayBeOwn: answer.status === 412 && answer.isRepeated };
  }

  /**
   * Creates an object if there is none of that key; resolves to whether this call did, by what `id`, which no other call has,
   * says where an answer was lost.
   */
  async createOnce(key: string, bytes: Uint8Array, id: string, what: string): Promise<boolean> {
    const { isCreated, mayBeOwn } = await this.create(key, bytes, what, { headers: { [MADE_BY]: id } });
    if (isCreated || !mayBeOwn) return isCreated;
    const answer = await this.client.send({ method: "HEAD", key: this.#prefix + key, takes: [404], what });
    return answer.header(MADE_BY) === id;
  }

  /** Removes objects; that one is not there is fine. */
  async remove(keys: readonly string[], what: string): Promise<void> {
    await atOnce(keys, CALLS_AT_ONCE, async (key) => {
      await this.client.send({ method: "DELETE", key: this.#prefix + key, takes: [404], what });
    });
  }

  /** Lists keys that begin with `start`, ascending, a page from `next` on. */
  async list(start: string, what: string, next?: string, most = 1000, signal?: AbortSignal): Promise<Page> {
    const query = {
      "list-type": "2",
      "max-keys": String(most),
      prefix: this.#prefix + start,
      ...(next === undefined ? {} : { "continuation-token": next }),
    };
    const answer = await this.client.send({ method: "GET", key: "", query, what, signal });
    const xml = new TextDecoder().decode(answer.bytes);
    if (!xml.includes("<ListBucketResult")) throw noListing(what, this.client);
    const more = textOf(xml, "IsTruncated") === "true" ? textOf(xml, "NextContinuationToken") : undefined;
    return { keys: textsOf(xml, "Key").map((key) => key.slice(this.#prefix.length)), next: more };
  }

  /** Lists all keys that begin with `start`, ascending. */
  async *listAll(start: string, what: string, signal?: AbortSignal): AsyncGenerator<string> {
    for (let next: string | undefined, isFirst = true; isFirst || next !== undefined; isFirst = false) {
      const page = await this.list(start, what, next, 1000, signal);
      yield* page.keys;
      next = page.next;
    }
  }
}

function found({ status, bytes, header }: Answer, range: ByteRange | undefined): Found {
  const etag = header("etag") ?? "";
  if (range === undefined) return { bytes, size: bytes.length, etag };
  if (range.length === 0)
    return { bytes: new Uint8Array(0), size: Number(header("content-length") ?? 0), etag };
  const total = /\/(\d+)$/.exec(header("content-range") ?? "")?.[1];
  if (status === 416) return { bytes: new Uint8Array(0), size: Number(total ?? 0), etag };
  // Some answer with all of it.
  if (status === 200)
    return { bytes: bytes.subarray(range.offset, range.offset + range.length), size: bytes.length, etag };
  return { bytes, size: total === undefined ? range.offset + bytes.length : Number(total), etag };
}

/** Tells a key that is missing from a bucket that is. */
function checkMissing({ bytes }: Answer, what: string, client: S3Client): void {
  const code = textOf(new TextDecoder().decode(bytes.subarray(0, 4096)), "Code");
  if (code === undefined || code === "NoSuchKey" || code === "NotFound") return;
  const { endpoint, bucket } = client.target;
  const message = `${what}: ${endpoint} answered 404 ${code}; create bucket ${JSON.stringify(bucket)}, or check bucket and endpoint`;
  throw new ZspineError("ZSPINE_IO", message);
}

function noListing(what: string, client: S3Client): ZspineError {
  const { endpoint } = client.target;
  const message = `${what}: ${endpoint} answers, and not as S3 does; check that it is the endpoint of an S3 service`;
  return new ZspineError("ZSPINE_IO", message);
}
