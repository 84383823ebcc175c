import {
  FUNCTION,
  numberWithin,
  oneOf,
  refused,
  requireOptions,
  text,
  withMethods,
  type Environment,
  type OptionKind,
} from "@zspine/core";
import type { ObjectCache } from "../cache/object-cache.ts";
import type { S3Credentials } from "../client/credentials.ts";
import type { Fetch } from "../client/http.ts";

/** Where a backend over object storage has its bytes, and how it gets there. */
export interface S3Options {
  /**
   * The service's URL, without bucket or path: `https://s3.eu-central-1.amazonaws.com`; several where gateways serve one
   * bucket, of which another is asked when one does not answer.
   */
  readonly endpoint: string | readonly string[];
  readonly bucket: string;
  /** Where in the bucket: names with `/` between them, which nothing else uses. By default all of the bucket. */
  readonly prefix?: string | undefined;
  /** What requests are signed for; by default `us-east-1`, which most services that are not Amazon's take. */
  readonly region?: string | undefined;
  /** Keys, or a function that gets them, which is called again when they end. */
  readonly credentials: S3Credentials | (() => Promise<S3Credentials>);
  /** Whether the bucket is in the path of requests, the default, or in the name of their host. */
  readonly addressing?: "path" | "virtual" | undefined;
  /** For how long a request is tried again that meets trouble, in milliseconds; by default 60,000. */
  readonly patienceMs?: number | undefined;
  /** How long the service may take for an answer, besides four seconds a MiB that is sent; by default 30,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * When to find out whether the service creates objects if they are absent, one for one of many: `once`, the default, for each
   * endpoint, which is remembered in the bucket; or `always`, at each opening to write. Takes some 40 requests.
   */
  readonly probe?: "once" | "always" | undefined;
  /** Where pages of objects are kept nearby: `diskCache()` of `@zspine/backend-s3/disk-cache`. By default nowhere. */
  readonly cache?: ObjectCache | undefined;
  /** What sends requests; by default the runtime's. For proxies, and fakes. */
  readonly fetch?: Fetch | undefined;
  /** Time and chance; by default the process's. For simulations. */
  readonly environment?: Pick<Environment, "now" | "random" | "schedule"> | undefined;
}

/** The options, checked, with endpoints as a list without slashes at their ends, and a prefix with one. */
export interface CheckedOptions extends S3Options {
  readonly endpoints: readonly string[];
  readonly prefix: string;
}

const TYPE = "s3";

const ENDPOINT: OptionKind = {
  expected: "the URL of a service, or an array of such",
  accepts: (value) => typeof value === "string" || (Array.isArray(value) && value.length > 0),
};

const CREDENTIALS: OptionKind = {
  expected: "{ accessKeyId, secretAccessKey }, or an async function that resolves to that",
  accepts: (value) => {
    if (typeof value === "function") return true;
    const { accessKeyId, secretAccessKey } = (value ?? {}) as Partial<S3Credentials>;
    return isText(accessKeyId) && isText(secretAccessKey);
  },
};

const KINDS = { endpoint: ENDPOINT, bucket: text("the name of a bucket"), credentials: CREDENTIALS };

const OTHERS = {
  prefix: { expected: "names with / between them", accepts: (value: unknown) => typeof value === "string" },
  region: text("the name of a region"),
  addressing: oneOf("path", "virtual"),
  patienceMs: numberWithin(0, 2 ** 31 - 1, true),
  timeoutMs: numberWithin(1, 2 ** 31 - 1, true),
  probe: oneOf("once", "always"),
  cache: withMethods("a cache of objects", "diskCache({ directory, maxBytes })", [
    "read",
    "fill",
    "settled",
    "counts",
  ]),
  fetch: FUNCTION,
  environment: withMethods("time and chance", "systemEnvironment()", ["now", "random", "schedule"]),
};

/** @throws `ZSPINE_INVALID_OPTIONS` with the path. */
export function checkS3Options(given: S3Options | undefined): CheckedOptions {
  const options = requireOptions(given, TYPE, KINDS, OTHERS);
  const { endpoint, bucket, prefix = "" } = options;
  const endpoints = (typeof endpoint === "string" ? [endpoint] : endpoint).map((one: unknown) => {
    if (isText(one) && /^https?:\/\/[^/?#@]+\/?$/.test(one)) return one.replace(/\/$/, "");
    const advice =
      "write scheme and host only, as https://s3.eu-central-1.amazonaws.com; the bucket is an option of its own";
    throw refused([TYPE, "endpoint"], ENDPOINT.expected, one, advice);
  });
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw refused([TYPE, "bucket"], "the name of a bucket", bucket, "it has 3 to 63 of a–z, 0–9, . and -");
  }
  const path = prefix.replace(/\/$/, "");
  if (path !== "" && !path.split("/").every((part) => /^[\w.-]+$/.test(part) && !/^\.+$/.test(part))) {
    throw refused(
      [TYPE, "prefix"],
      "names with / between them",
      prefix,
      "of letters, digits, ., _ and -, such as app/orders",
    );
  }
  return { ...options, endpoints, prefix: path === "" ? "" : `${path}/` };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
