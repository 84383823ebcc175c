export { s3 } from "./s3/s3.ts";
export { s3Address } from "./s3/s3-address.ts";
export type { S3Options } from "./s3/s3-options.ts";
export type { S3Credentials } from "./client/credentials.ts";
export type { Fetch, HttpRequest, HttpResponse } from "./client/http.ts";
export type { ObjectCache, ObjectCacheCounts, ObjectPage } from "./cache/object-cache.ts";
