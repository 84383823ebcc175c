import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { bundleProgram } from "../../../../store/test/crash/bundle-program.ts";
import { feed } from "../../../src/index.ts";
import { EventClient } from "./client.ts";

describe("server-sent events of a feed", () => {
  it("O4 give two clients each change once, by Last-Event-ID, over kills of the server and of connections", async () => {
    const folder = await mkdtemp(join(tmpdir(), "events-"));
    const location = join(folder, "data");
    const program = await bundleProgram(fileURLToPath(new URL("server.ts", import.meta.url)), folder);
    const clients = [new EventClient("ann"), new EventClient("bob")];
    for (let life = 0; life < 3; life++) {
      const server = spawn(process.execPath, [program, location], { stdio: ["ignore", "pipe", "inherit"] });
      const closed = once(server, "close");
      const { value } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
      const port = Number(value);
      const enough = clients.map((client) => client.more(15));
      const taken = clients.map(async (client, at) => {
        // One goes away before it has said that it has the last, and comes again; the other stays until the kill.
        if (at === 0)
          for (let times = 0; times < 3; times++)
            expect(await client.take(port, 5, (event) => event < 3)).toBe(3);
        return client.take(port, Infinity, () => true);
      });
      await Promise.all(enough);
      server.kill("SIGKILL");
      await closed;
      for (const events of await Promise.all(taken)) expect(events).toBeGreaterThan(5);
    }
    await using store = await openStore({ backend: file({ location }) });
    const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
    for (const [at, name] of ["ann", "bob"].entries()) {
      const { rows, lastEventId } = clients[at]!;
      // What came after that, and nothing else, makes of what it has what there is.
      const reader = feed(store, trace, { name: `client ${name}`, from: Number(lastEventId) });
      if (store.token > Number(lastEventId)) {
        const delivery = (await reader.next()).value!;
        for (const { key, value, weight } of delivery.changes) {
          const row = `${key} ${value}`;
          rows.set(row, (rows.get(row) ?? 0) + weight);
        }
      }
      await reader.return();
      const there = new Map<string, number>();
      for await (const { key, value, weight } of trace.rows()) there.set(`${key} ${value}`, weight);
      const sorted = (of: Map<string, number>) => [...of].filter(([, weight]) => weight !== 0).sort();
      expect(sorted(rows)).toEqual(sorted(there));
    }
    await rm(folder, { recursive: true });
  });

  it("are those of the server that the guide shows", async () => {
    const guide = await readFile(
      new URL("../../../../../docs/guides/serve-changes.md", import.meta.url),
      "utf8",
    );
    const code = await readFile(new URL("changes-server.ts", import.meta.url), "utf8");
    const body = code.slice(code.indexOf("function changesServer"));
    expect(guide).toContain(body.trimEnd());
  });
});
