// @ts-check
// A Ceph on loopback, of Debian's packages: three monitors, three OSDs that keep three copies, two gateways that speak
// S3; each a process that can be killed and started again. Takes about a minute and 2.5 GB of memory to start.

import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statfsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const COMMAND_MS = 120_000;
const DISK_BYTES = 10 * 1024 ** 3;
const MONITORS = ["a", "b", "c"];
const OSDS = ["0", "1", "2"];
const GATEWAYS = ["1", "2"];
// Below the ports that connections are given.
const BASE_PORT = 17_000;
const GATEWAY_PORT = 7480;

/** What the packages install, and what they are called by `apt-get install --no-install-recommends`. */
const PROGRAMS = ["ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];
const PACKAGES = "ceph-mon ceph-mgr ceph-osd radosgw ceph-common ceph-base";

/** Addresses of the gateways. */
export const CEPH_ENDPOINTS = GATEWAYS.map((id) => `http://127.0.0.1:${GATEWAY_PORT + Number(id)}`);

/** Whom the gateways know. */
export const CEPH_KEYS = { accessKeyId: "testak", secretAccessKey: "testsk" };

/** What is killed in each round: as many as three copies and three monitors can do without. */
export const CEPH_ROUNDS = [["osd.0"], ["client.rgw.1"], ["mon.a", "osd.1"], ["client.rgw.2", "osd.2"]];

/**
 * Why there can be no Ceph here; undefined when there can.
 * @param {string} folder
 */
export function whyNoCeph(folder) {
  const missing = PROGRAMS.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  if (missing.length > 0) {
    return `${missing.join(", ")} not found: apt-get install -y --no-install-recommends ${PACKAGES}`;
  }
  if (process.getuid?.() !== 0) return "Ceph's daemons are started as root here: run it as root";
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < DISK_BYTES) return `${folder} has less than 10 GiB free`;
  return undefined;
}

/** A cluster in a folder of its own. */
export class Ceph {
  /** @param {string} folder Where there is nothing yet. */
  constructor(folder) {
    this.folder = folder;
    this.conf = `${folder}/ceph.conf`;
  }

  /** Starts it, with nothing in it. */
  async start() {
    const fsid = randomUUID();
    mkdirSync(`${this.folder}/out`, { recursive: true });
    writeFileSync(this.conf, confOf(this.folder, fsid));
    const addresses = MONITORS.flatMap((id) => ["--addv", id, `[${addressesOf(id)}]`]);
    const monmap = `${this.folder}/monmap`;
    this.#run("monmaptool", [
      "--create",
      "--clobber",
      "--fsid",
      fsid,
      "--enable-all-features",
      ...addresses,
      monmap,
    ]);
    for (const id of MONITORS) {
      mkdirSync(`${this.folder}/mon.${id}`);
      this.#run("ceph-mon", ["--mkfs", "-i", id, "--monmap", monmap]);
      this.restore(`mon.${id}`);
    }
    await sleep(3000);
    mkdirSync(`${this.folder}/mgr.x`);
    this.restore("mgr.x");
    for (const id of OSDS) {
      const uuid = randomUUID();
      mkdirSync(`${this.folder}/osd.${id}`);
      this.#run("ceph", ["osd", "new", uuid, id]);
      this.#run("ceph-osd", ["-i", id, "--mkfs", "--osd-uuid", uuid]);
      this.restore(`osd.${id}`);
    }
    await sleep(8000);
    for (const id of GATEWAYS) this.restore(`client.rgw.${id}`);
    await sleep(10_000);
    const { accessKeyId, secretAccessKey } = CEPH_KEYS;
    const user = `-n client.rgw.1 user create --uid t --display-name t --access-key ${accessKeyId} --secret ${secretAccessKey}`;
    this.#run("radosgw-admin", user.split(" "));
    for (const endpoint of CEPH_ENDPOINTS) await untilAnswers(endpoint);
  }

  /**
   * Kills a daemon by its pid file, and waits until it is gone.
   * @param {string} name As in `osd.0`.
   */
  async kill(name) {
    const pid = Number(readFileSync(`${this.folder}/out/${name}.pid`, "utf8"));
    process.kill(pid, "SIGKILL");
    await untilGone([pid], this.folder);
  }

  /**
   * Starts a daemon, also again.
   * @param {string} name As in `osd.0`.
   */
  restore(name) {
    const [kind = "", id = ""] = name.split(".");
    if (kind === "client") this.#run("radosgw", ["-n", name]);
    else this.#run(`ceph-${kind}`, ["-i", id]);
  }

  /** How the cluster says it is, in one line. */
  health() {
    const { stdout } = spawnSync("ceph", ["-c", this.conf, "health"], { encoding: "utf8", timeout: 20_000 });
    return stdout.trim().split("\n")[0] ?? "";
  }

  /** Ends every daemon that has left a pid file. */
  async stop() {
    const out = `${this.folder}/out`;
    const files = existsSync(out) ? readdirSync(out).filter((name) => name.endsWith(".pid")) : [];
    const pids = files.map((name) => Number(readFileSync(`${out}/${name}`, "utf8"))).filter((pid) => pid > 1);
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
      for (const pid of pids.filter((one) => isOurs(one, this.folder))) process.kill(pid, signal);
      await untilGone(pids, this.folder);
    }
  }

  /**
   * @param {string} program
   * @param {readonly string[]} args
   */
  #run(program, args) {
    const own = program === "monmaptool" ? args : ["-c", this.conf, ...args];
    const { status, stderr, error } = spawnSync(program, own, { encoding: "utf8", timeout: COMMAND_MS });
    if (status !== 0) {
      throw new Error(`${program} ${own.join(" ")} failed: ${error?.message ?? stderr.trim().slice(-600)}`);
    }
  }
}

/**
 * Whether a process is a daemon of this cluster: ids of processes are used again.
 * @param {number} pid
 * @param {string} folder
 */
function isOurs(pid, folder) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
  } catch {
    return false;
  }
}

/**
 * Resolves when none of the processes is there, or after six seconds.
 * @param {readonly number[]} pids
 * @param {string} folder
 */
async function untilGone(pids, folder) {
  for (let tries = 0; tries < 60 && pids.some((pid) => isOurs(pid, folder)); tries++) await sleep(100);
}

/** @param {string} endpoint */
async function untilAnswers(endpoint) {
  for (let tries = 0; tries < 60; tries++) {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(1000);
  }
  throw new Error(`${endpoint} does not answer`);
}

/** @param {string} id */
function addressesOf(id) {
  const port = BASE_PORT + 1 + MONITORS.indexOf(id);
  return `v2:127.0.0.1:${port},v1:127.0.0.1:${port + 10}`;
}

/**
 * @param {string} folder
 * @param {string} fsid
 */
function confOf(folder, fsid) {
  const gateways = GATEWAYS.map(
    (id) => `[client.rgw.${id}]
ms_mon_client_mode = crc
ms_client_mode = crc
rgw_frontends = beast endpoint=127.0.0.1:${GATEWAY_PORT + Number(id)}
`,
  );
  return `[global]
fsid = ${fsid}
mon_initial_members = ${MONITORS.join(",")}
mon_host = ${MONITORS.map((id) => `[${addressesOf(id)}]`).join(",")}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
public_network = 127.0.0.0/8
cluster_network = 127.0.0.0/8
osd_pool_default_size = 3
osd_pool_default_min_size = 2
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_memory_target = 939524096
osd_objectstore = bluestore
bluestore_block_size = 8589934592
bluestore_block_create = true
osd_heartbeat_interval = 2
osd_heartbeat_grace = 6
mon_osd_adjust_heartbeat_grace = false
mon_osd_min_down_reporters = 1
mon_osd_report_timeout = 30
mon_data_avail_warn = 2
mon_data_avail_crit = 1
log_file = ${folder}/out/$name.log
admin_socket = ${folder}/out/$name.asok
pid_file = ${folder}/out/$name.pid
run_dir = ${folder}/out
mon_data = ${folder}/mon.$id
mgr_data = ${folder}/mgr.$id
osd_data = ${folder}/osd.$id
${gateways.join("")}`;
}
