import type { Capabilities } from "@zspine/core";

/** What the backend declares. */
export const capabilities: Capabilities = {
  durable: true,
  syncReads: false,
  shared: true,
  guests: true,
  maxValueBytes: 2 ** 30,
  preferredValueBytes: 2 ** 23,
};
