// @ts-check
// `npm run test:s3`: the suites of backends and stores over a real S3 service: the one that ZSPINE_S3_ENDPOINT,
// ZSPINE_S3_BUCKET, ZSPINE_S3_KEY and ZSPINE_S3_SECRET name, else versitygw over a folder, which Go installs once.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMain, root } from "./project.mjs";

const VERSION = "v1.8.0";
const BUCKET = "zspine-test";
const KEYS = { key: "zspine-test", secret: "zspine-test-secret" };
const HEALTH = "/health";
const STARTS_WITHIN_MS = 20_000;

/** The program, installed when it is not there; undefined where that cannot be, which it says. */
function versitygw() {
  const folder = join(root, "node_modules", ".cache", `versitygw-${VERSION}`);
  const program = join(folder, "versitygw");
  if (existsSync(program)) return program;
  if (spawnSync("go", ["version"]).status !== 0) {
    console.error(
      "test:s3 needs Go, to install versitygw, or a service: set ZSPINE_S3_ENDPOINT, _BUCKET, _KEY and _SECRET",
    );
    return undefined;
  }
  mkdirSync(folder, { recursive: true });
  console.log(`installing versitygw ${VERSION}`);
  const module = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;
  const env = { ...process.env, GOBIN: folder };
  const { status } = spawnSync("go", ["install", module], { env, stdio: "inherit", timeout: 900_000 });
  if (status === 0) return program;
  console.error(`test:s3 cannot go on: go install ${module} failed; is the Go module proxy reached?`);
  return undefined;
}

/** @returns {Promise<number>} a port of the loopback that nobody listens on */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** @param {string} endpoint */
async function isUp(endpoint) {
  for (const end = Date.now() + STARTS_WITHIN_MS; Date.now() < end;) {
    const isThere = await fetch(endpoint + HEALTH).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/**
 * Runs the tests; resolves to the exit code.
 * @param {Readonly<Record<string, string>>} service
 * @returns {Promise<number>}
 */
function runTests(service) {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "packages/backend-s3/test/service", ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...service, ZSPINE_TESTS: "all" },
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Runs the tests over a service of its own, which it ends. */
async function runOverVersitygw() {
  const program = versitygw();
  if (program === undefined) return 2;
  const folder = mkdtempSync(join(tmpdir(), "zspine-s3-"));
  mkdirSync(join(folder, BUCKET));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const env = { ...process.env, ROOT_ACCESS_KEY: KEYS.key, ROOT_SECRET_KEY: KEYS.secret };
  const args = ["--port", `127.0.0.1:${port}`, "--health", HEALTH, "--quiet", "posix", folder];
  const service = spawn(program, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => service.on("close", resolve));
  try {
    if (!(await isUp(endpoint))) {
      console.error(
        `test:s3 cannot go on: versitygw did not answer at ${endpoint} within ${STARTS_WITHIN_MS} ms`,
      );
      return 2;
    }
    return await runTests({
      ZSPINE_S3_ENDPOINT: endpoint,
      ZSPINE_S3_BUCKET: BUCKET,
      ZSPINE_S3_KEY: KEYS.key,
      ZSPINE_S3_SECRET: KEYS.secret,
    });
  } finally {
    service.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMain(import.meta.url)) {
  process.exitCode =
    process.env["ZSPINE_S3_ENDPOINT"] === undefined ? await runOverVersitygw() : await runTests({});
}
