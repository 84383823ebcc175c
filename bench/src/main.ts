import { execFile } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BytesPerRow } from "./memory/memory.ts";
import { runCommand } from "./command/command.ts";

const self = fileURLToPath(import.meta.url);
const results = fileURLToPath(new URL("../results/last.json", import.meta.url));

process.exitCode = await runCommand(process.argv.slice(2), relative(process.cwd(), results), {
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
  async measureMemory(keys, n) {
    const args = ["--expose-gc", self, "--memory", keys, "--size", String(n)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as BytesPerRow;
  },
});
