import { existsSync } from "node:fs";
import { join } from "node:path";
import { s3 } from "@zspine/backend-s3";
import { openStore } from "@zspine/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { startS3Server, type S3Server } from "../../../backend-s3/test/service/s3-server.ts";
import { bundledZspine } from "./zspine-process.ts";

const zspineOf = bundledZspine();
let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  const store = await openStore({ backend: s3({ ...server.fake.options, prefix: "shop" }) });
  const trace = await store.trace("orders", { key: z.int(), value: z.string() });
  trace.insert(1, "ann");
  trace.insert(2, "bob");
  await store.commit();
  await store.close();
});
afterAll(() => server.close());

it("zspine stats tells what the backend has asked of its medium, where it counts that", async () => {
  const { run } = zspineOf();
  await run(["import", "shop", "-", "--format", "csv", "--trace", "t", "--key", "id"], "id\n1\n");
  const location = `s3://${server.bucket}/shop`;

  const table = await run(["stats", location], "", server.env);
  const json = await run(["stats", location, "--json"], "", server.env);
  const [inFiles, inFilesAsJson] = [await run(["stats", "shop"]), await run(["stats", "shop", "--json"])];

  expect(table).toMatchObject({ exitCode: 0, errors: "" });
  expect(table.output).toContain(`s3 at "${location}", commit 1, `);
  expect(table.output).toMatch(/^asked of the medium +until now$/m);
  expect(table.output).toMatch(/^gets +[1-9]/m);
  expect(table.output).toMatch(/^retries +0$/m);
  const { statistics } = JSON.parse(json.output) as { statistics: Record<string, number> };
  expect(statistics).toMatchObject({ retries: 0, puts: 0, bytesSent: 0 });
  expect(statistics["bytesReceived"]).toBeGreaterThan(0);
  expect(inFiles.output).not.toContain("asked of the medium");
  expect(JSON.parse(inFilesAsJson.output)).not.toHaveProperty("statistics");
});

it("zspine reads a store in object storage, and writes nothing there", async () => {
  const { run, folder } = zspineOf();
  const location = `s3://${server.bucket}/shop`;
  server.fake.resetCounts();

  const scan = await run(["scan", location], "", server.env);
  const verify = await run(["verify", location], "", server.env);
  const backup = await run(["backup", location, "copy"], "", server.env);
  const refused = [
    await run(["compact", location], "", server.env),
    await run(["backup", "copy", location], "", server.env),
    await run(["import", location, "-", "--format", "csv", "--trace", "t"], "id\n1\n", server.env),
    await run(["stats", location, "--backend", "file"], "", server.env),
    await run(["stats", location], "", { ...server.env, AWS_ACCESS_KEY_ID: "" }),
  ];
  const missing = await run(["stats", `s3://${server.bucket}/nowhere`], "", server.env);

  expect(scan).toMatchObject({ exitCode: 0, output: "1  ann\n2  bob\n" });
  expect(verify.output).toMatch(/^sound: 2 rows, /);
  expect(backup).toMatchObject({ exitCode: 0, errors: "" });
  expect((await run(["scan", "copy"])).output).toBe(scan.output);
  expect(refused.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
  expect(refused[0]!.errors).toContain("in object storage, where zspine reads, and writes nothing");
  expect(missing).toMatchObject({ exitCode: 1, errors: expect.stringContaining("there is no store at") });
  expect(existsSync(join(folder, "s3:"))).toBe(false);
  const { put, lists } = server.fake.counts();
  expect(put.requests).toBe(lists);
});
