import type { Capabilities } from "@zspine/core";

/** What the backend declares, without options. */
export const capabilities: Capabilities = {
  durable: false,
  syncReads: true,
  shared: false,
  guests: true,
  maxValueBytes: 2 ** 30,
  preferredValueBytes: 2 ** 16,
};
