import { execFile } from "node:child_process";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Ingest } from "./durable/ingest.ts";
import type { BytesPerRow } from "./memory/memory.ts";
import { runCommand } from "./command/command.ts";
import { makeFolder, removeFolder } from "./durable/folder.ts";

const self = fileURLToPath(import.meta.url);
const results = fileURLToPath(new URL("../results/last.json", import.meta.url));

// Whoever interrupts a run gets no data left behind, and no process that goes on writing some.
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted.abort();
    process.exit(1);
  });
}

/** Runs this command in a process of its own and reads what it prints. */
async function runSelf(...args: string[]): Promise<unknown> {
  const { signal } = interrupted;
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", self, ...args], { signal });
  return JSON.parse(stdout);
}

process.exitCode = await runCommand(process.argv.slice(2), relative(process.cwd(), results), {
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
  measureMemory: async (keys, n) => (await runSelf("--memory", keys, "--size", String(n))) as BytesPerRow,
  async measureIngest(writer, keys, n) {
    const folder = makeFolder();
    try {
      const args = ["--ingest", writer, "--keys", keys, "--size", String(n), "--folder", folder];
      return (await runSelf(...args)) as Ingest;
    } finally {
      removeFolder(folder);
    }
  },
});
