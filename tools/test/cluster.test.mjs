// @ts-check
import { openStore } from "@zspine/store";
import { expect, test } from "vitest";
import { checkCommit, insertCommit, tracesOf } from "../cluster/program/place.mjs";
import { Tally } from "../cluster/tally.mjs";

const writer = (/** @type {number} */ id) => ({ kind: "writer", id });
const reader = { kind: "reader", id: 1 };

/** A tally of two writers that made three commits, which a reader has read. */
function heard() {
  const tally = new Tally();
  tally.hear({ acknowledged: 1, token: 1 }, writer(1));
  tally.hear({ acknowledged: 1, token: 2 }, writer(2));
  tally.hear({ acknowledged: 2, token: 3 }, writer(1));
  tally.hear({ read: 3 }, reader);
  return tally;
}

test("a tally of a cluster is right when all that was acknowledged is there, and unacknowledged commits may be", () => {
  const tally = heard();
  expect(tally.isRight()).toBe(false);
  tally.take(
    new Map([
      [1, 3],
      [2, 1],
    ]),
    [],
  );
  expect(tally.isRight()).toBe(true);
  expect(tally.report()).toMatch(/acknowledged commits +3\n +of them lost +0\n/);
});

test("a tally of a cluster is wrong when a commit was lost, a number won twice, or anything read wrongly", () => {
  const lost = heard();
  lost.take(
    new Map([
      [1, 1],
      [2, 1],
    ]),
    [],
  );
  expect(lost.isRight()).toBe(false);
  expect(lost.report()).toMatch(/of them lost +1\n/);

  const twice = heard();
  twice.hear({ acknowledged: 2, token: 3 }, writer(2));
  twice.take(
    new Map([
      [1, 2],
      [2, 2],
    ]),
    [],
  );
  expect(twice.isRight()).toBe(false);
  expect(twice.report()).toMatch(/numbers won twice +1\n/);

  const wrong = heard();
  wrong.hear({ wrong: ["the accounts sum to 1"], token: 3 }, reader);
  wrong.take(
    new Map([
      [1, 2],
      [2, 1],
    ]),
    [],
  );
  expect(wrong.isRight()).toBe(false);
  expect(wrong.report()).toContain("WRONG reader 1, token 3: the accounts sum to 1");

  const damaged = heard();
  damaged.take(
    new Map([
      [1, 2],
      [2, 1],
    ]),
    ["verify: a block is damaged"],
  );
  expect(damaged.isRight()).toBe(false);
});

test("a commit of a cluster's store is checked for rows that are missing, doubled, or out of balance", async () => {
  const store = await openStore();
  const traces = await tracesOf(store);
  insertCommit(traces, 1, 1);
  insertCommit(traces, 2, 1);
  insertCommit(traces, 1, 2);
  const whole = await checkCommit(store.at(await store.commit()), traces);
  expect(whole).toEqual({
    last: new Map([
      [1, 2],
      [2, 1],
    ]),
    wrong: [],
  });

  traces.rows.insert(1, 45, -1);
  traces.commits.insert(2, 3);
  traces.accounts.insert(0, 0, 1);
  const { wrong } = await checkCommit(store.at(await store.commit()), traces);
  expect(wrong.join("\n")).toMatch(/writer 2: commit 3[^]*writer 1: row 46[^]*the accounts sum to 1/);
  await store.close();
});
