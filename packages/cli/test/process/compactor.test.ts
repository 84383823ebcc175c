import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { file } from "@zspine/backend-file";
import { compactors, openStore, type Store } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { expect, it } from "vitest";
import { z } from "zod";
import { bundledZspine } from "./zspine-process.ts";

const zspineOf = bundledZspine();

/** A store that offers every merge, of a trace of three batches with times that fold to one row for each of 100 keys. */
async function offering(location: string): Promise<Store> {
  const store = await openStore({
    backend: file({ location }),
    strategy: { name: "never", choose: () => undefined },
    compactors: compactors({ bytesLeast: 0, takenMs: 60_000, pollMs: 5 }),
  });
  const trace = await temporalTrace(store, "prices", { key: z.int32(), value: z.int32() });
  for (let time = 0; time < 3; time++) {
    for (let key = 0; key < 100; key++) {
      trace.insert(time, key, time);
      if (time > 0) trace.insert(time, key, time - 1, -1);
    }
    trace.advance(time + 1);
    await store.commit();
  }
  trace.advanceSince(2);
  await store.commit();
  return store;
}

it("zspine compactor makes merges of a writer, those of times too, until Ctrl+C, and says what it has made", async () => {
  const { folder, start } = zspineOf();
  const stores = [await offering(join(folder, "a")), await offering(join(folder, "b"))];
  const child = start(["compactor", "a", "b", "--json", "--poll", "5"]);
  let told = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (told += text));
  const lines: unknown[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(JSON.parse(line)));
  await Promise.all(stores.map((store) => store.compact()));
  const closed = once(child, "close") as Promise<[number | null]>;
  child.kill("SIGINT");
  const [code] = await closed;
  expect(code).toBe(0);
  expect(told).toContain("made 2 merges; what is left to be merged, the writers make");
  expect(lines).toHaveLength(2);
  for (const location of ["a", "b"])
    expect(lines).toContainEqual({
      location,
      trace: "prices",
      inputs: 3,
      bytes: expect.any(Number) as number,
    });
  for (const store of stores) {
    expect(store.stats().traces["prices"]).toMatchObject({ rows: 100, batches: 1 });
    expect((await store.verify()).isSound).toBe(true);
    await store.close();
  }
});

it("zspine compactor --once ends when nothing is offered, and says what to do about what is no store of its own", async () => {
  const { run } = zspineOf();
  const import_ = ["-", "--format", "csv", "--trace", "t", "--key", "id"];
  await run(["import", "idle", ...import_], "id\n1\n");
  await run(["import", "kept", ...import_, "--backend", "level"], "id\n1\n");
  const [once_, missing, level, nothing, keys, poll, help] = await Promise.all([
    run(["compactor", "idle", "--once"]),
    run(["compactor", "idle", "nowhere", "--once"]),
    run(["compactor", "kept"]),
    run(["compactor"]),
    run(["compactor", "s3://bucket/shop"]),
    run(["compactor", "idle", "--poll", "0"]),
    run(["help", "compactor"]),
  ]);
  expect(once_).toMatchObject({ exitCode: 0, output: "" });
  expect(once_.errors).toContain("made 0 merges");
  expect(missing).toMatchObject({ exitCode: 1, output: "" });
  expect(missing.errors).toContain('there is no store at "nowhere"');
  expect(level).toMatchObject({ exitCode: 2 });
  expect(level.errors).toContain("its writer makes all merges itself");
  expect(nothing).toMatchObject({ exitCode: 2 });
  expect(keys).toMatchObject({ exitCode: 2 });
  expect(keys.errors).toContain("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  expect(poll).toMatchObject({ exitCode: 2 });
  expect(help.output).toContain("zspine compactor ./shop ./prices --json");
});
