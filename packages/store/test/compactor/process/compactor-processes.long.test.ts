import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { bundleProgram } from "../../crash/bundle-program.ts";
import { runCompactorProcesses } from "./compactor-processes.ts";

const SEED = 68;

it(`OT8 OT9 compactors in processes that are killed and stopped at any call change no answer (seeds ${SEED}, ${SEED + 1})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "zspine-compactors-"));
  try {
    const entry = fileURLToPath(new URL("compactor-process.ts", import.meta.url));
    const program = await bundleProgram(entry, folder);
    const met = { killed: 0, stopped: 0, handed: 0 };
    for (const seed of [SEED, SEED + 1]) {
      const fates = await runCompactorProcesses(program, join(folder, `${seed}`), seed, 12);
      for (const what of ["killed", "stopped", "handed"] as const) met[what] += fates[what];
    }
    expect(met.killed).toBeGreaterThan(1);
    expect(met.stopped).toBeGreaterThan(1);
    expect(met.handed).toBeGreaterThan(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
