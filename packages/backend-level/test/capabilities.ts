import type { Capabilities } from "@zspine/core";

/** What the backend declares on a disk. */
export const capabilities: Capabilities = {
  durable: true,
  syncReads: true,
  shared: false,
  maxValueBytes: 2 ** 26,
  preferredValueBytes: 2 ** 16,
};

/** What it declares in a browser, over IndexedDB, of which nothing is read at once. */
export const capabilitiesInBrowser: Capabilities = { ...capabilities, syncReads: false };
