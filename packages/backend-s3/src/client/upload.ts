import { atOnce, isZspineError, ZspineError } from "@zspine/core";
import type { S3Client } from "./s3-client.ts";
import { textOf } from "./xml.ts";

/** The header that keeps with an object which call has made it. */
export const MADE_BY = "x-amz-meta-zspine-id";

/** From where on an object is put in parts, and how large these are; which a test may replace. */
export interface UploadSizes {
  /** The most that is put whole. */
  readonly wholeBytes: number;
  /** Bytes of a part, or more where there would be too many of them. */
  readonly partBytes: number;
  readonly partsMax: number;
}

/** Services take parts of 5 MiB at the least, but the last, and 10,000 of them. */
export const UPLOAD_SIZES: UploadSizes = { wholeBytes: 2 ** 26, partBytes: 2 ** 25, partsMax: 10_000 };

/** An object that is to be put. */
export interface ObjectToPut {
  /** The whole key. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Tells the call from all others. */
  readonly id: string;
  /** What messages call it. */
  readonly what: string;
}

const PARTS_AT_ONCE = 4;

/**
 * Puts an object in parts, whatever is there. Resolves to its ETag, where the service tells it.
 *
 * **An upload has the id of its call from its beginning on**, and so has the object that it becomes. Only the last request, which
 * puts the parts together, changes what is there. Where it is not told what became of that, the object tells: that the upload is
 * gone does not, for it is so after it was completed, and after another or a rule of the bucket has ended it.
 *
 * An upload that may have been completed is not ended: services have taken away with it the parts of an object that was there
 * (https://github.com/ceph/ceph/pull/60771). What is left of it the bucket's rule ends.
 *
 * @throws (rejects with) `ZSPINE_IO`; `determinate` tells whether the object certainly is what it was before.
 */
export async function putInParts(
  client: S3Client,
  object: ObjectToPut,
  sizes: UploadSizes,
): Promise<string | undefined> {
  const uploadId = await unchanging(() => begin(client, object));
  try {
    const tags = await unchanging(() => putParts(client, object, uploadId, sizes));
    return await complete(client, object, uploadId, tags);
  } catch (error) {
    if (isZspineError(error) && error.determinate) await end(client, object, uploadId);
    throw error;
  }
}

/** Makes requests that leave the object as it is: so whoever fails here certainly did nothing. */
async function unchanging<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isZspineError(error) ? new ZspineError(error.code, error.message, { cause: error }) : error;
  }
}

async function begin(client: S3Client, { key, id, what }: ObjectToPut): Promise<string> {
  const headers = { [MADE_BY]: id };
  const begun = await client.send({ method: "POST", key, query: { uploads: "" }, headers, what });
  const uploadId = textOf(new TextDecoder().decode(begun.bytes), "UploadId") ?? "";
  if (uploadId === "") throw notPut(what, "the service has begun an upload, and not told which", true);
  return uploadId;
}

async function putParts(
  client: S3Client,
  { key, bytes, what }: ObjectToPut,
  uploadId: string,
  { partBytes, partsMax }: UploadSizes,
): Promise<string[]> {
  const length = Math.max(partBytes, Math.ceil(bytes.length / partsMax));
  const offsets = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => at * length);
  return atOnce(offsets, PARTS_AT_ONCE, async (offset, at) => {
    const query = { partNumber: String(at + 1), uploadId };
    const body = bytes.subarray(offset, offset + length);
    const tag = (await client.send({ method: "PUT", key, query, body, what })).header("etag");
    if (tag === undefined) throw notPut(what, `the service tells no ETag of part ${at + 1}`, true);
    return tag;
  });
}

async function complete(
  client: S3Client,
  { key, id, what }: ObjectToPut,
  uploadId: string,
  tags: readonly string[],
): Promise<string | undefined> {
  const parts = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const xml = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
  const body = new TextEncoder().encode(xml);
  let failure: ZspineError;
  try {
    const ended = await client.send({
      method: "POST",
      key,
      query: { uploadId },
      body,
      takes: [404],
      what,
    });
    const said = new TextDecoder().decode(ended.bytes);
    const isGone = ended.status === 404;
    if (!isGone && said.includes("<CompleteMultipartUploadResult")) return textOf(said, "ETag");
    const code = textOf(said, "Code") ?? "an answer that tells nothing";
    failure = notPut(what, `its parts were not put together: ${code}`, isGone && !ended.isRepeated);
  } catch (error) {
    if (!isZspineError(error) || error.determinate) throw error;
    failure = error;
  }
  const there = await client.send({ method: "HEAD", key, takes: [404], what }).catch(() => undefined);
  if (there?.header(MADE_BY) !== id) throw failure;
  return there.header("etag");
}

/** Lets the service forget the parts, as far as it answers. */
async function end(client: S3Client, { key, what }: ObjectToPut, uploadId: string): Promise<void> {
  await client
    .send({ method: "DELETE", key, query: { uploadId }, takes: [404], what })
    .catch(() => undefined);
}

function notPut(what: string, found: string, determinate: boolean): ZspineError {
  return new ZspineError("ZSPINE_IO", `${what}: ${found}; try again`, { determinate });
}
