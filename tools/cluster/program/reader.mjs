// @ts-check
// A reader of the store that others write, in a process of its own: reads all of each commit that it sees, and tells of
// what is wrong. One that comes too late for what it reads is told so, and reads again.

import { setTimeout as sleep } from "node:timers/promises";
import { isZspineError } from "@zspine/core";
import { openStore } from "@zspine/store";
import { backendOf, checkCommit, describe, endingOf, tell, tracesOf } from "./place.mjs";

const REST_MS = 200;

const ending = endingOf();

while (!ending.aborted) {
  try {
    await read();
  } catch (error) {
    tell({ failed: describe(error) });
    await sleep(REST_MS);
  }
}

async function read() {
  const store = await openStore({ backend: backendOf(), readOnly: true, follow: { pollMs: REST_MS } });
  try {
    const traces = await tracesOf(store);
    let seen = 0;
    while (!ending.aborted) {
      if (store.token < seen) tell({ wrong: [`token ${store.token} after ${seen}`] });
      if (store.token === seen) {
        await sleep(REST_MS);
        continue;
      }
      seen = store.token;
      await readAll(store, traces);
    }
  } finally {
    await store.close();
  }
}

/**
 * @param {import("@zspine/store").Store} store
 * @param {import("./place.mjs").Traces} traces
 */
async function readAll(store, traces) {
  const { token } = store;
  try {
    const { wrong } = await checkCommit(store.at(token), traces);
    if (wrong.length > 0) tell({ wrong, token });
    tell({ read: token });
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_TIME_PASSED")) throw error;
    tell({ late: token });
  }
}
