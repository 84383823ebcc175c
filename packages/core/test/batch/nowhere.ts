import type { Home } from "../../src/engine.ts";

/** Where a slot lies whose rows a test brings itself: nobody reads there. */
export const NOWHERE: Home = {
  blob: "b",
  blobBytes: 1,
  offset: 0,
  length: 1,
  checksum: 0,
  filterLength: 0,
  identity: { writer: 0, batch: 0, number: 0 },
};
