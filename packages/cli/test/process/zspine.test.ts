import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { msgpack } from "@zspine/serializer-msgpack";
import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { bundledZspine, type Seen } from "./zspine-process.ts";

const zspineOf = bundledZspine();
let made = 0;

/** A path in the folder of the program that nothing is at. */
function fresh(name: string): string {
  return `${name}-${++made}`;
}

const ORDERS = `id,customer,total,day
1,ann,12.5,2026-01-01
2,bob,,2026-01-02
3,"cé, ""d""",7,2026-01-03
`;

/** Writes a file into the folder, and gives its name. */
function put(name: string, text: string): string {
  writeFileSync(join(zspineOf().folder, name), text);
  return name;
}

/** A store of orders, as imported. */
async function orders(): Promise<string> {
  const place = fresh("orders");
  const args = ["import", place, put(`${place}.csv`, ORDERS), "--trace", "orders", "--key", "id"];
  const { exitCode, errors } = await zspineOf().run(args);
  expect(errors).toContain('int -> {"customer":text,"total":number?null,"day":date}');
  expect(exitCode).toBe(0);
  return place;
}

function expectFailure(
  { exitCode, errors, output }: Seen,
  code: number,
  ...messages: readonly string[]
): void {
  for (const message of messages) expect(errors).toContain(message);
  expect(errors).not.toMatch(/\n\s+at /);
  expect(output).toBe("");
  expect(exitCode).toBe(code);
}

it("zspine import makes a store of CSV, and scan, get, stats and verify read it", async () => {
  const { run } = zspineOf();
  const place = await orders();

  const scan = await run(["scan", place, "--gte", "2", "--json"]);
  const get = await run(["get", place, "1"]);
  const stats = await run(["stats", place, "--json"]);
  const verify = await run(["verify", place]);

  expect(scan).toEqual({
    exitCode: 0,
    errors: "",
    output:
      '{"key":2,"value":{"customer":"bob","total":null,"day":"2026-01-02T00:00:00.000Z"}}\n' +
      '{"key":3,"value":{"customer":"cé, \\"d\\"","total":7,"day":"2026-01-03T00:00:00.000Z"}}\n',
  });
  expect(get.output).toBe('1  {"customer":"ann","total":12.5,"day":"2026-01-01T00:00:00.000Z"}\n');
  expect(JSON.parse(stats.output)).toMatchObject({
    backend: "file",
    token: 1,
    traces: [{ name: "orders", rows: 3, totalWeight: 3, fingerprint: expect.stringContaining("int -> {") }],
  });
  expect(verify.output).toMatch(/^sound: 3 rows, /);
  expect(verify.exitCode).toBe(0);
});

it("zspine import refuses a file with a broken row whole, naming its line, or leaves such rows out", async () => {
  const { run } = zspineOf();
  const place = await orders();
  const broken = put(
    `${place}-broken.csv`,
    'id,customer,total,day\n4,"two\nlines",1,2026-01-01\n5,x,abc,2026-01-01\n6,y\n7,z,7,2026-01-01\n8,"open,7,2026-01-01\n',
  );
  const args = ["import", place, broken, "--key", "id"];

  const refused = await run(args);
  const before = await run(["scan", place, "--json"]);
  const skipped = await run([...args, "--on-bad-row", "skip"]);
  const after = await run(["get", place, "4", "--json"]);

  expectFailure(
    refused,
    1,
    "line 4: value.total: expected a number",
    '"abc"',
    "Nothing was imported",
    "--on-bad-row skip",
  );
  expect(before.output.split("\n")).toHaveLength(4);
  expect(skipped.exitCode).toBe(0);
  expect(skipped.output).toMatch(/imported 2 rows into "orders", commit 2; 3 broken rows were left out/);
  expect(skipped.errors).toContain("line 4: value.total: expected a number");
  expect(skipped.errors).toContain("line 5: expected 4 columns as in the header, found 2");
  expect(skipped.errors).toMatch(/line \d+: a quote is opened and not closed/);
  expect(after.output).toContain('"customer":"two\\nlines"');
});

it("zspine export writes what import reads back as the same rows", async () => {
  const { run, folder } = zspineOf();
  const place = await orders();
  const rows = (await run(["scan", place, "--json"])).output;

  for (const name of [`${place}.out.csv`, `${place}.out.ndjson`]) {
    const copy = fresh("copy");
    const written = await run(["export", place, name]);
    const schema = "int -> {customer: text, total: number?null, day: date}";
    const read = await run([
      "import",
      copy,
      name,
      "--trace",
      "orders",
      "--schema",
      schema,
      "--backend",
      "level",
    ]);

    expect(written).toMatchObject({ exitCode: 0, errors: expect.stringContaining("wrote 3 rows") });
    expect(read).toMatchObject({ exitCode: 0, errors: "" });
    expect((await run(["scan", copy, "--json"])).output).toBe(rows);
    expectFailure(await run(["export", place, name]), 2, "is there already", "--force");
    expect(existsSync(join(folder, name))).toBe(true);
  }
});

it("zspine opens stores whose values are opaque by the serializer that their fingerprints name", async () => {
  const { run, folder } = zspineOf();
  const place = fresh("opaque");
  const backend = level({ location: join(folder, place) });
  const store = await openStore({ backend, serializer: msgpack() });
  const trace = await store.trace("tags", {
    key: z.string(),
    value: z.array(z.union([z.string(), z.bigint()])),
  });
  trace.insert("a", ["x", 12n], 2);
  await store.commit({ metadata: { offset: 5 } });
  await store.close();

  const scan = await run(["scan", place]);
  const more = await run(["import", place, "-", "--format", "ndjson"], '{"key":"b","value":[1]}\n');
  const stats = await run(["stats", place]);

  expect(scan.output).toBe('a  ["x",{"$bigint":"12"}]  × 2\n');
  expect(more).toMatchObject({ exitCode: 0, output: 'imported 1 row into "tags", commit 2\n' });
  expect(stats.output).toContain('text -> opaque(array,"msgpack",1)');
  expect(stats.output).toContain('level at "');
});

it("zspine import takes no schema for good from a file that has no rows", async () => {
  const { run } = zspineOf();
  const place = fresh("headed");
  const csv = put(`${place}.csv`, "id,name\n");
  const args = ["import", place, csv, "--trace", "people", "--key", "id"];

  const refused = await run(args);
  const taken = await run([...args, "--schema", "int -> {name: text}"]);

  expectFailure(refused, 2, "has no rows by which to make a schema", "--schema");
  expect(taken).toMatchObject({ exitCode: 0, output: 'imported 0 rows into "people", commit 1\n' });
});

it("zspine as-of and changes read a trace with times", async () => {
  const { run } = zspineOf();
  const place = fresh("prices");
  const csv = put(
    `${place}.csv`,
    "item,cents,day,weight\napple,30,1,1\napple,30,2,-1\napple,35,2,1\npear,45,3,1\n",
  );
  const args = [
    "import",
    place,
    csv,
    "--trace",
    "prices",
    "--key",
    "item",
    "--value",
    "cents",
    "--time",
    "day",
  ];

  const incomplete = await run([...args, "--weight", "weight"]);
  const early = await run(["changes", place]);
  const empty = await run(["import", place, "-", "--format", "ndjson", "--complete-until", "2"], "");
  const asOf = await run(["as-of", place, "1"]);
  const changes = await run(["changes", place, "--after", "1", "--until", "2"]);
  const net = await run(["changes", place, "--after", "1", "--until", "2", "--net", "--json"]);
  const ahead = await run(["as-of", place, "3"]);
  const beyond = await run(["changes", place, "--after", "3"]);
  const stats = await run(["stats", place]);

  expect(incomplete).toMatchObject({ exitCode: 0, errors: expect.stringContaining("--complete-until") });
  expectFailure(early, 2, "no time of");
  expect(empty.exitCode).toBe(0);
  expect(asOf.output).toBe("apple  30\n");
  expect(changes.output).toBe("@2  apple  30  × -1\n@2  apple  35\n");
  expect(net.output).toBe('{"key":"apple","value":30,"weight":-1}\n{"key":"apple","value":35}\n');
  expectFailure(ahead, 1, "times up to 2 are", "--complete-until TIME", "ZSPINE_TIME_AHEAD");
  expectFailure(beyond, 2, "--after 3 is beyond the last time that is complete, which is 2");
  expect(stats.output).toContain("times of prices: can be read from the first on, complete below 3");
});

it("zspine import completes all times with the last that there is, and tells of rows that come after that", async () => {
  const { run } = zspineOf();
  const csv = put("last.csv", "item,day\napple,1\npear,9007199254740991\n");
  const args = ["import", "last", csv, "--trace", "t", "--key", "item", "--time", "day"];
  const all = [...args, "--complete-until", "9007199254740991"];

  const first = await run(all);
  const asOf = await run(["as-of", "last", "9007199254740991"]);
  const stats = await run(["stats", "last"]);
  const second = await run(all);
  const none = await run(["import", "last", put("none.csv", "item,day\n"), ...all.slice(3)]);
  const third = await run(args);

  expect(first).toMatchObject({ exitCode: 0, output: 'imported 2 rows into "t", commit 1\n' });
  expect(asOf.output).toBe("apple\npear\n");
  expect(stats.output).toContain("times of t: can be read from the first on, all are complete");
  expectFailure(second, 1, '"last.csv", line 2', "the trace is finished, and all times are complete");
  expect(third).toEqual(second);
  expect(none.exitCode).toBe(0);
  expect((await run(["as-of", "last", "2"])).output).toBe("apple\n");
});

it("zspine backup, restore and compact keep every row, of either backend", async () => {
  const { run } = zspineOf();
  const place = await orders();
  const [backup, restored] = [fresh("backup"), fresh("restored")];
  await run(["import", place, `${place}.csv`, "--key", "id"]);

  const copied = await run(["backup", place, backup, "--to", "level"]);
  const again = await run(["backup", place, backup]);
  const back = await run(["restore", backup, restored, "--to", "file"]);
  const compacted = await run(["compact", restored, "--json"]);

  expect(copied).toMatchObject({ exitCode: 0, errors: "" });
  expectFailure(again, 1, "ZSPINE_CONFLICT");
  expect(back.exitCode).toBe(0);
  expect(JSON.parse(compacted.output)).toMatchObject({ after: [{ name: "orders", batches: 1, rows: 3 }] });
  expect((await run(["scan", restored])).output).toBe((await run(["scan", place])).output);
});

it("zspine backup and restore refuse a place within the other, and write nothing", async () => {
  const { run, folder } = zspineOf();
  const place = await orders();
  const outer = fresh("outer");
  mkdirSync(join(folder, outer));
  await run(["import", `${outer}/store`, `${place}.csv`, "--trace", "orders", "--key", "id"]);
  symlinkSync(join(folder, place), join(folder, `${place}-link`));
  const before = readdirSync(join(folder, place));

  for (const target of [`${place}/sub`, `${place}-link/values/sub`, `${outer}/../${place}/sub`, place]) {
    expectFailure(await run(["backup", place, target]), 2, "lies in the other", "beside it");
    expectFailure(await run(["restore", place, target]), 2, "lies in the other");
  }
  expectFailure(await run(["backup", `${outer}/store`, outer]), 2, "lies in the other", "beside it");
  expect(readdirSync(join(folder, place))).toEqual(before);
  expect(readdirSync(join(folder, outer))).toEqual(["store"]);
  expect((await run(["backup", place, `${place}-beside`])).exitCode).toBe(0);
});

it("zspine tells what to do where there is no store, and writes nothing there", async () => {
  const { run, folder } = zspineOf();
  const [missing, empty, foreign] = [fresh("missing"), fresh("empty"), fresh("foreign")];
  mkdirSync(join(folder, empty));
  mkdirSync(join(folder, foreign));
  put(join(foreign, "photo.jpg"), "");

  expectFailure(await run(["scan", missing]), 1, "there is no such directory", "zspine import");
  expectFailure(await run(["stats", empty]), 1, "the directory is empty");
  expectFailure(await run(["verify", foreign]), 1, '"photo.jpg"', "no ZSPINE file");
  expectFailure(await run(["get", `${foreign}/photo.jpg`, "1"]), 1, "is a file");
  expect([existsSync(join(folder, missing)), readdirSync(join(folder, empty))]).toEqual([false, []]);
});

it("zspine asks whether another trace was meant, and makes none by a mistyped name", async () => {
  const { run } = zspineOf();
  const place = await orders();
  const more = ["import", place, `${place}.csv`, "--trace", "order", "--key", "id"];

  expectFailure(await run(["scan", place, "--trace", "ordres"]), 2, 'did you mean "orders"?');
  expectFailure(await run(more), 2, 'did you mean "orders"?', "--create");
  expect((await run([...more, "--create"])).exitCode).toBe(0);
  expectFailure(await run(["scan", place]), 2, "several traces", '"order", "orders"');
});

it("zspine says that a store is locked, and by whom", async () => {
  const { run, folder } = zspineOf();
  const place = await orders();
  const store = await openStore({ backend: file({ location: join(folder, place) }) });

  const importing = await run(["import", place, `${place}.csv`, "--key", "id"]);
  const reading = await run(["get", place, "1"]);
  await store.close();

  expectFailure(importing, 1, "ZSPINE_LOCKED", String(process.pid));
  expect(reading.exitCode).toBe(0);
});

it("zspine verify ends with 1 when a byte is damaged, and tells what to do", async () => {
  const { run, folder } = zspineOf();
  const place = await orders();
  const rows = Array.from({ length: 60_000 }, (_, id) => `${id},${(id * 7919) % 10_007},x,2026-01-01\n`).join(
    "",
  );
  await run(["import", place, put(`${place}-more.csv`, `id,total,customer,day\n${rows}`), "--key", "id"]);
  const values = join(folder, place, "values");
  const [largest] = (readdirSync(values, { recursive: true }) as string[])
    .map((name) => join(values, name))
    .filter((path) => statSync(path).isFile())
    .sort((a, b) => statSync(b).size - statSync(a).size);
  const bytes = readFileSync(largest!);
  bytes[Math.floor(bytes.length / 3)]! ^= 1;
  writeFileSync(largest!, bytes);

  const verify = await run(["verify", place]);

  expect(verify.exitCode).toBe(1);
  expect(verify.output).toContain("1 problem:");
  expect(verify.errors).toContain("zspine restore BACKUP DIRECTORY");
  expect(verify.errors).not.toMatch(/\n\s+at /);
});

it.each([
  [["frobnicate"], "unknown command"],
  [["scan"], "missing required argument 'location'"],
  [["scan", "x", "--limt", "3"], "(Did you mean --limit?)"],
  [["scan", "x", "--limit", "many"], "Expected a whole number"],
  [["as-of", "x", "noon"], "Expected a time"],
  [["scan", "x", "--backend", "sqlite"], "Allowed choices are file, level"],
])("zspine %j is told to be no command, with 2", async (args, message) => {
  expectFailure(await zspineOf().run(args), 2, message, "zspine --help");
});

it("zspine import tells what is wrong with arguments that do not fit the file, before it makes a store", async () => {
  const { run, folder } = zspineOf();
  const place = fresh("none");
  const csv = put(`${place}.csv`, ORDERS);
  const start = ["import", place, csv, "--trace", "t"];

  expectFailure(await run(["import", place, "gone.csv", "--trace", "t"]), 1, '"gone.csv"', "ENOENT");
  expectFailure(await run(["import", place, csv.replace("csv", "txt"), "--trace", "t"]), 2, "--format csv");
  expectFailure(await run(start), 2, "--key COLUMN", "id, customer, total, day");
  expectFailure(await run([...start, "--key", "ident"]), 2, 'no column "ident"');
  expectFailure(await run([...start, "--schema", "int -> txt"]), 2, "expected a type", "at character 8");
  expect(existsSync(join(folder, place))).toBe(false);
});

it("zspine --help and the help of each command have examples", async () => {
  const { run } = zspineOf();
  const help = await run(["--help"]);
  const commands = [...help.output.matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name]) => name!);

  expect(commands).toEqual(
    "import export get scan as-of changes stats verify compact backup restore inspect compactor".split(" "),
  );
  for (const command of commands) {
    const { output, exitCode } = await run(["help", command]);
    expect(output).toMatch(new RegExp(`Examples:\n {2}.*zspine ${command} `));
    expect(exitCode).toBe(0);
  }
  expect((await run(["--version"])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
});
