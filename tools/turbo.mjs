// @ts-check
// Runs turbo with its telemetry off: `node tools/turbo.mjs run build`.

import { spawn } from "node:child_process";
import { isMain, root } from "./project.mjs";

/**
 * Runs turbo; resolves to its exit code. Quietly, its output is shown only when it fails.
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function turbo(args, { quiet = false } = {}) {
  const child = spawn(process.execPath, [`${root}node_modules/turbo/bin/turbo`, ...args], {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
  });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout?.on("data", (chunk) => output.push(chunk));
  child.stderr?.on("data", (chunk) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

if (isMain(import.meta.url)) process.exitCode = await turbo(process.argv.slice(2));
