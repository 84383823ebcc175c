import { quote, ZspineError } from "@zspine/core";
import { textOf } from "./xml.ts";

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  /** The code of S3, such as `NoSuchKey`; empty when there is none. */
  readonly code: string;
  readonly message: string;
}

/** Where requests go, for messages. */
export interface Target {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads what an answer says of its failure. */
export function refusalOf(status: number, body: Uint8Array): Refusal {
  const xml = new TextDecoder().decode(body.subarray(0, 16_384));
  return { status, code: textOf(xml, "Code") ?? "", message: textOf(xml, "Message") ?? "" };
}

/** What to do about a code of S3. */
const ADVICE: Readonly<Record<string, (target: Target) => string>> = {
  SignatureDoesNotMatch: () =>
    "the secret key is not the one of that access key, or the region is wrong; check credentials and region",
  InvalidAccessKeyId: () => "the service does not know the access key; check credentials and endpoint",
  ExpiredToken: () => "give s3() credentials as an async function, which is asked again when they end",
  InvalidToken: () => "check the session token of the credentials",
  AccessDenied: ({ bucket, prefix }) =>
    `allow these keys s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on bucket ${quote(bucket)}, ` +
    `prefix ${quote(prefix)}; to read only GetObject and ListBucket are enough, with open({ readOnly: true })`,
  NoSuchUpload: () =>
    "another, or a rule of the bucket, has ended the upload; have that rule leave them a day, and try again",
  InvalidPart: () => "the service has not kept a part of the upload; try again",
  NoSuchBucket: ({ bucket }) => `create bucket ${quote(bucket)}, or check bucket, endpoint and addressing`,
  RequestTimeTooSkewed: () =>
    "set the clock of this machine: it differs from the service's by more than it takes",
  PermanentRedirect: () => "the bucket is in another region; give s3() the endpoint and region of the bucket",
  AuthorizationHeaderMalformed: () => "give s3() the region that the service expects",
  NotImplemented: () =>
    "the service lacks what zspine needs; see the guide on object storage for those that are fit",
};

/** Makes the error for an answer that no other attempt will change. */
export function refusalError(
  what: string,
  refusal: Refusal,
  target: Target,
  determinate: boolean,
): ZspineError {
  const { status, code, message } = refusal;
  const code403 = status === 403 ? "AccessDenied" : status === 501 ? "NotImplemented" : "";
  const advise = ADVICE[code === "" ? code403 : code] ?? noS3;
  const said = code === "" ? "" : ` ${code}${message === "" ? "" : ` (${message})`}`;
  const text = `${what}: ${target.endpoint} answered ${status}${said}; ${advise(target)}`;
  return new ZspineError("ZSPINE_IO", text, { determinate });
}

function noS3({ endpoint, bucket }: Target): string {
  return `check that ${endpoint} is the endpoint of an S3 service, without the name of bucket ${quote(bucket)} in it`;
}

/** Makes the error for a service that could not be reached, or was in trouble, for as long as one is patient. */
export function troubleError(
  what: string,
  last: Refusal | Error | undefined,
  { endpoint }: Target,
  patienceMs: number,
  determinate: boolean,
): ZspineError {
  const found =
    last === undefined
      ? "other requests have met trouble"
      : last instanceof Error
        ? `the last attempt failed: ${reasonOf(last)}`
        : `the last answer was ${last.status} ${last.code}`;
  const message =
    `${what}: ${endpoint} did not do it within ${patienceMs} ms; ${found}; ` +
    "check endpoint and network; it is tried again by the next call";
  return new ZspineError("ZSPINE_IO", message, {
    determinate,
    ...(last instanceof Error ? { cause: last } : {}),
  });
}

/** The message of an error, with what lies beneath it: `fetch` tells there why. */
function reasonOf(error: Error): string {
  const beneath = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.message}${beneath}`;
}
