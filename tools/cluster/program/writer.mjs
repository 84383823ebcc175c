// @ts-check
// One of several writers of one store: opens it, commits some times, lets go of it or is fenced, and begins again.
// Tells of every commit that was acknowledged, with its token.

import { setTimeout as sleep } from "node:timers/promises";
import { compactors, openStore } from "@zspine/store";
import { backendOf, checkCommit, describe, endingOf, insertCommit, tell, tracesOf } from "./place.mjs";

const REST_MS = 700;
const TURNS_MAX = 25;

const writer = Number(process.argv[2]);
const ending = endingOf();

while (!ending.aborted) {
  try {
    await write();
  } catch (error) {
    tell({ failed: describe(error) });
  }
  await sleep(Math.random() * REST_MS);
}

async function write() {
  // All but the smallest merges are offered to compactors.
  const elsewhere = compactors({ bytesLeast: 1024, takenMs: 1500, doneMs: 20_000, pollMs: 300 });
  const store = await openStore({ backend: backendOf(), compactors: elsewhere });
  try {
    const traces = await tracesOf(store);
    let n = 0;
    if (store.token > 0) {
      const { last, wrong } = await checkCommit(store.at(store.token), traces);
      if (wrong.length > 0) tell({ wrong, token: store.token });
      n = last.get(writer) ?? 0;
    }
    const turns = 1 + Math.floor(Math.random() * TURNS_MAX);
    for (let turn = 0; turn < turns && !ending.aborted; turn++) {
      insertCommit(traces, writer, n + 1);
      const token = await store.commit();
      n++;
      tell({ acknowledged: n, token });
    }
  } finally {
    await store.close();
  }
}
