import type { Capabilities } from "@zspine/core";

/** What the backend is to declare. */
export const capabilities: Capabilities = {
  durable: true,
  syncReads: true,
  shared: false,
  guests: true,
  maxValueBytes: 2 ** 30,
  preferredValueBytes: 2 ** 22,
};
