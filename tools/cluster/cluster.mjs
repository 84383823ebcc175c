// @ts-check
// `npm run cluster`: a store on a real object storage, with several writers that contend for it, readers and
// compactors beside them, while daemons of the storage are killed and started again, and processes killed and paused. Without --endpoint
// that is a Ceph on loopback, which it starts and ends. Exits with 1 when anything acknowledged was lost, a number of a
// commit was won twice, or a reader read what was wrong.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Ceph, CEPH_ENDPOINTS, CEPH_KEYS, CEPH_ROUNDS, whyNoCeph } from "./ceph.mjs";
import { wholeNumber } from "../whole-number.mjs";
import { Tally } from "./tally.mjs";
import { Member } from "./members.mjs";

const usage = `Usage: npm run cluster -- [options]
  --rounds N      rounds of kills (default 4, about half a minute each)
  --writers N     writers that contend (default 3)
  --readers N     readers beside them (default 2)
  --compactors N  compactors that merge for whoever writes (default 2)
  --endpoint URL  a service that is there, instead of a Ceph; may be given more than once; with --bucket, and its keys
                  in ZSPINE_S3_KEY and ZSPINE_S3_SECRET: then only processes are killed
  --bucket NAME   the bucket (default zspine-cluster), which is made where there is none
  --keep          leaves the folder of the cluster, with its logs`;

const ROUND_MS = 26_000;
const REST_MS = 12_000;
const KILL_MS = 4000;
const PAUSE_MS = 9000;
const PATIENCE_MS = 60_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "4" },
    writers: { type: "string", default: "3" },
    readers: { type: "string", default: "2" },
    compactors: { type: "string", default: "2" },
    endpoint: { type: "string", multiple: true },
    bucket: { type: "string", default: "zspine-cluster" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const within = { usage, most: 999 };
const rounds = wholeNumber("rounds", values.rounds, within);
const writers = wholeNumber("writers", values.writers, within);
const readers = wholeNumber("readers", values.readers, within);
const compactors = wholeNumber("compactors", values.compactors, within);

/** @returns {{ accessKeyId: string, secretAccessKey: string }} */
function keysGiven() {
  const accessKeyId = process.env["ZSPINE_S3_KEY"];
  const secretAccessKey = process.env["ZSPINE_S3_SECRET"];
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  console.error(`error: --endpoint: ZSPINE_S3_KEY and ZSPINE_S3_SECRET are to be set\n${usage}`);
  return process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "zspine-cluster-"));
const ceph = values.endpoint === undefined ? new Ceph(folder) : undefined;
const credentials = ceph === undefined ? keysGiven() : CEPH_KEYS;
const endpoints = values.endpoint ?? CEPH_ENDPOINTS;

/** @type {Member[]} */
let members = [];
let isOver = false;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.once(signal, () => void leave(130));

/** @param {number} code */
async function leave(code) {
  if (isOver) return;
  isOver = true;
  await Promise.all(members.map((member) => member.end(2000)));
  await ceph?.stop();
  if (values.keep) console.log(`logs are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

try {
  const obstacle = ceph === undefined ? undefined : whyNoCeph(folder);
  if (obstacle !== undefined) {
    console.error(`error: ${obstacle}`);
    await leave(2);
  }
  if (ceph !== undefined) {
    console.log("starting a Ceph of three monitors, three OSDs and two gateways: about a minute …");
    await ceph.start();
  }
  await leave(await run());
} catch (error) {
  console.error(error);
  await leave(1);
}

/** Gives the exit code. */
async function run() {
  const place = {
    endpoint: endpoints,
    bucket: values.bucket,
    prefix: `run-${Date.now().toString(36)}`,
    credentials,
  };
  await makeBucket();
  const tally = new Tally();
  const env = { ZSPINE_CLUSTER: JSON.stringify(place) };
  const roles = [
    ...Array.from({ length: writers }, (_, id) => ({ kind: "writer", id: id + 1 })),
    ...Array.from({ length: readers }, (_, id) => ({ kind: "reader", id: id + 1 })),
    ...Array.from({ length: compactors }, (_, id) => ({ kind: "compactor", id: id + 1 })),
  ];
  members = roles.map((role) => new Member(role, env, (told, from) => tally.hear(told, from)));
  await sleep(REST_MS);
  for (let round = 1; round <= rounds; round++) await disturb(round, tally);
  await sleep(REST_MS);
  await Promise.all(members.map((member) => member.end(PATIENCE_MS)));
  members = [];
  process.env["ZSPINE_CLUSTER"] = env.ZSPINE_CLUSTER;
  await tally.settle();
  console.log(tally.report());
  return tally.isRight() ? 0 : 1;
}

/** Makes the bucket by the same library of signing that the backend has. */
async function makeBucket() {
  const { AwsClient } = await import("aws4fetch");
  const client = new AwsClient({ ...credentials, service: "s3", region: "us-east-1" });
  const answer = await client.fetch(`${endpoints[0]}/${values.bucket}`, { method: "PUT" });
  if (!answer.ok && answer.status !== 409) {
    throw new Error(
      `bucket ${values.bucket} was not made: ${answer.status} ${(await answer.text()).slice(0, 300)}`,
    );
  }
}

/**
 * Kills what a round kills, of the storage and of the members, and sets it right again.
 * @param {number} round
 * @param {Tally} tally
 */
async function disturb(round, tally) {
  const daemons = ceph === undefined ? [] : (CEPH_ROUNDS[(round - 1) % CEPH_ROUNDS.length] ?? []);
  console.log(`round ${round}: kills ${daemons.join(", ") || "processes only"}; ${tally.line()}`);
  for (const name of daemons) await ceph?.kill(name);
  const end = performance.now() + ROUND_MS;
  while (performance.now() < end) {
    await sleep(KILL_MS * (0.5 + Math.random()));
    const member = members[Math.floor(Math.random() * members.length)];
    if (Math.random() < 0.5) {
      member?.kill();
      tally.kills++;
    } else {
      member?.pause();
      tally.pauses++;
      setTimeout(() => member?.resume(), PAUSE_MS * (0.5 + Math.random()));
    }
  }
  for (const name of daemons) ceph?.restore(name);
  tally.kills += daemons.length;
  await sleep(REST_MS);
}
