import type { Capabilities } from "@zspine/core";

/** What the backend declares. */
export const capabilities: Capabilities = {
  durable: true,
  syncReads: true,
  shared: false,
  maxValueBytes: 2 ** 26,
  preferredValueBytes: 2 ** 20,
};
