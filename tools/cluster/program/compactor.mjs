// @ts-check
// Makes merges for whoever writes the store, and tells of each that it has made.

import { setTimeout as sleep } from "node:timers/promises";
import { runCompactor } from "@zspine/store";
import { backendOf, describe, endingOf, tell } from "./place.mjs";

const REST_MS = 500;
const POLL_MS = 500;

const ending = endingOf();
while (!ending.aborted) {
  try {
    const onMerge = (/** @type {{ bytes: number }} */ { bytes }) => tell({ merged: bytes });
    await runCompactor({ backend: backendOf(), signal: ending, pollMs: POLL_MS, onMerge });
  } catch (error) {
    // There is no store yet, or the service is away.
    tell({ failed: describe(error) });
    await sleep(REST_MS);
  }
}
