import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { file } from "@zspine/backend-file";
import { isZspineError } from "@zspine/core";
import { openStore } from "@zspine/store";
import { bundleProgram } from "../../../store/test/crash/bundle-program.ts";
import { temporalTrace } from "../../src/index.ts";

const schema = { key: z.int32(), value: z.int32() };

describe("a reader in another process", () => {
  it("F15 F16 follows a writer over its merges, kills and restarts: waits for its commits, reads as of them, misses nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "processes-"));
    const location = join(folder, "data");
    const program = await bundleProgram(fileURLToPath(new URL("writer.ts", import.meta.url)), folder);
    let position = -1;
    for (let life = 0; life < 3; life++) {
      const writer = spawn(process.execPath, [program, location], { stdio: ["pipe", "pipe", "inherit"] });
      writer.stdin.on("error", () => undefined);
      const closed = once(writer, "close");
      const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
      const said = async (): Promise<{ time: number; token: number }> =>
        JSON.parse((await lines.next()).value as string) as { time: number; token: number };
      await said();
      const store = await openStore({ backend: file({ location }), readOnly: true });
      const trace = await temporalTrace(store, "counters", schema);
      const plain = await store.trace("plain", schema);
      const deliveries = trace.subscribe(position < 0 ? {} : { from: position })[Symbol.asyncIterator]();
      for (let commit = 0; commit < 25; commit++) {
        const { time, token } = await said();
        await store.waitFor(token);
        const { value } = await deliveries.next();
        // Every time inserts one row: whatever was added up, none is missing and none is there twice.
        expect(value!.rows.size).toBe(value!.until - Math.max(-1, value!.after));
        expect(value!.after === -Infinity ? -1 : value!.after).toBe(position);
        position = value!.until;
        writer.stdin.write(`${position}\n`);
        expect(position).toBeGreaterThanOrEqual(time);
        try {
          using then = await trace.asOf(position);
          expect((await then.count()).rows).toBe(position + 1);
          expect((await plain.count()).rows).toBeGreaterThanOrEqual(position + 1);
        } catch (error) {
          // The writer may be far ahead, and has removed what this was about to read: then it is told so.
          if (!isZspineError(error, "ZSPINE_TIME_PASSED")) throw error;
        }
      }
      await deliveries.return?.();
      writer.kill("SIGKILL");
      await closed;
      // Alone, it finds everything that was acknowledged.
      await store.refresh();
      using at = await trace.asOf(trace.upper - 1);
      expect((await at.count()).rows).toBe(trace.upper);
      await store.close();
    }
    await rm(folder, { recursive: true });
  });
});
