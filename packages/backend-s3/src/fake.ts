export { FakeS3 } from "./fake/fake-s3.ts";
export type { FakeS3Options } from "./fake/fake-s3.ts";
export type { FakeFault, FakeRequest } from "./fake/fake-fault.ts";
export type { FakeObjects } from "./fake/fake-objects.ts";
export type { RequestCount, RequestCounts } from "./client/requests.ts";
