import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, it } from "vitest";
import { bundledZspine } from "./zspine-process.ts";

const zspineOf = bundledZspine();

function put(name: string, bytes: string | Uint8Array): string {
  writeFileSync(join(zspineOf().folder, name), bytes);
  return name;
}

it("zspine import takes Parquet with the types of its columns, and counts broken rows", async () => {
  const { run } = zspineOf();
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "id", data: new Int32Array([1, 2, 3]), type: "INT32" },
      { name: "big", data: [2n ** 60n, 2n, 3n], type: "INT64" },
      { name: "price", data: [1, 2, Number.NaN], type: "DOUBLE" },
      { name: "name", data: ["ann", null, "cé"], type: "STRING", nullable: true },
      { name: "at", data: [new Date(0), new Date(1), new Date(2)], type: "TIMESTAMP" },
      { name: "raw", data: [Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(255)], type: "BYTE_ARRAY" },
      { name: "more", data: [{ tags: ["a"] }, { tags: [] }, { tags: ["b"] }], type: "JSON" },
    ],
  });
  const parquet = put("rows.parquet", new Uint8Array(buffer));

  const imported = await run(["import", "parquet", parquet, "--trace", "rows", "--key", "id", "--json"]);
  const scan = await run(["scan", "parquet", "--json"]);
  const schema = "int32 -> {name: text, price: number}";
  const some = [
    "import",
    "some",
    parquet,
    "--trace",
    "t",
    "--key",
    "id",
    "--schema",
    schema,
    "--ignore-unknown",
  ];
  const refused = await run(some);
  const skipped = await run([...some, "--on-bad-row", "skip"]);

  expect(JSON.parse(imported.output)).toMatchObject({ rows: 3, badRows: 0 });
  expect(imported.errors).toMatch(
    /: int32 -> \{"big":int64\?null,"price":number\?null,"name":text\?null,"at":date\?null,"raw":bytes\?null,/,
  );
  const rows = scan.output.trimEnd().split("\n");
  expect(rows.map((row) => JSON.parse(row) as { value: Record<string, unknown> })).toEqual([
    { key: 1, value: valueOf("1152921504606846976", 1, "ann", 0, "AQ==", ["a"]) },
    { key: 2, value: valueOf("2", 2, null, 1, "", []) },
    { key: 3, value: valueOf("3", "NaN", "cé", 2, "/w==", ["b"]) },
  ]);
  expect(refused).toMatchObject({ exitCode: 1, output: "" });
  expect(refused.errors).toContain('"rows.parquet", row 2: value.name: expected a string');
  expect(skipped).toMatchObject({ exitCode: 0, errors: expect.stringContaining("row 2: value.name") });
});

function valueOf(
  big: string,
  price: unknown,
  name: unknown,
  at: number,
  raw: string,
  tags: readonly string[],
): unknown {
  return { big, price, name, at: new Date(at).toISOString(), raw, more: { tags } };
}

it("zspine import tells of a file that is no Parquet", async () => {
  const { run, folder } = zspineOf();
  const { exitCode, errors } = await run(["import", "none", put("no.parquet", "id,x\n"), "--trace", "t"]);

  expect(exitCode).toBe(1);
  expect(errors).toMatch(/^zspine: "no.parquet" cannot be read as Parquet: /);
  expect(existsSync(join(folder, "none"))).toBe(false);
});

it("zspine import takes a schema of lines of JSON, optional fields and all", async () => {
  const { run } = zspineOf();
  const lines =
    '{"key":{"id":1},"value":{"a":"x","n":1.5}}\n{"key":{"id":2},"value":{"a":null,"list":[1]},"weight":-1}\n';
  const { errors, exitCode } = await run(
    ["import", "lines", "-", "--format", "ndjson", "--trace", "t"],
    lines,
  );

  expect(errors).toContain(
    '{"id":int} -> {"a":text?null,"n":number?undefined,"list":opaque(unknown,"msgpack",1)}',
  );
  expect(exitCode).toBe(0);
  expect((await run(["scan", "lines", "--json"])).output).toBe(lines);
});

it("zspine import of a name is done once, and in parts goes on", async () => {
  const { run } = zspineOf();
  const csv = put(
    "named.csv",
    `id,v\n${Array.from({ length: 1000 }, (_, id) => `${id},${id % 7}\n`).join("")}`,
  );
  const args = ["import", "named", csv, "--trace", "t", "--key", "id", "--name", "monday"];
  const parts = [...args, "--commit-every", "300", "--on-bad-row", "skip", "--json"];

  const first = await run(parts);
  const second = await run(args);

  expect(JSON.parse(first.output)).toMatchObject({ rows: 1000, committedRows: 1000, wasDone: false });
  expect(second.output).toContain("had ended before: nothing was done");
  expect((await run(["stats", "named"])).output).toMatch(/^t +1,000 +1,000 /m);
  expect(await run([...args.slice(0, -2), "--commit-every", "5"])).toMatchObject({ exitCode: 2 });
});

it("zspine tells of an output that cannot be written, and that what it was to do is done", async () => {
  const { shell, run } = zspineOf();
  const csv = put("out.csv", "id,v\n1,a\n");
  const imported = await shell(
    `zspine import out ${csv} --trace t --key id > /dev/full; echo "ended with $?"`,
  );
  const others = await shell(
    'for c in "export out" "scan out" "stats out" "scan out --json"; do zspine $c > /dev/full; echo "ended with $?"; done; zspine scan out 2> /dev/full',
  );
  expect(imported.output).toContain("what was to be done besides is done");
  expect(imported.output).toMatch(/ended with 1\n$/);
  expect(others.output.match(/the output cannot be written \(ENOSPC\)/g)).toHaveLength(4);
  expect(others.output.match(/ended with 1\n/g)).toHaveLength(4);
  expect(imported.output + others.output).not.toMatch(/\n\s+at /);
  expect((await run(["scan", "out"])).output).toBe('1  {"v":"a"}\n');
});

it("zspine tells that the disk is full, and leaves what was there", async () => {
  const { folder } = zspineOf();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).status === 0;
  // Where this process may mount nothing, /dev/full stands for what is written to.
  const target = isMounted ? "disk/rows.ndjson" : "/dev/full";
  try {
    await fillDisk(isMounted, disk, target);
  } finally {
    if (isMounted) spawnSync("umount", ["--lazy", disk]);
  }
});

it("zspine names no part of a row that is not there, and no two alike", async () => {
  const { run } = zspineOf();
  const csv = put("parts.csv", "id,customer,weight,total\n1,ann,70,1\n");
  const parts = ["import", "parts", csv, "--key", "id"];
  const made = await run([...parts, "--trace", "t", "--value", "customer,weight,total"]);
  const again = await run([...parts, "--value", "total,weight,customer"]);
  const out = await run(["export", "parts", "--format", "csv"]);
  const wrong = [
    await run([...parts, "--value", "nope"]),
    await run(["import", "parts", csv, "--key", "id,total"]),
    await run([...parts, "--weight", "total"]),
    await run(["import", "parts", put("parts.ndjson", '{"key":1}\n'), "--value", "customer,total"]),
    await run([...parts, "--commit-every", "1", "--name", "n"]),
  ];
  const same = put("same.ndjson", '{"key":{"a":1},"value":{"a":2}}\n');
  await run(["import", "same", same, "--trace", "t"]);
  const twice = await run(["export", "same", "--format", "csv"]);

  expect([made.exitCode, again.exitCode]).toEqual([0, 0]);
  expect(out.output).toBe("key,customer,weight,total,_weight\n1,ann,70,1,2\n");
  expect(wrong.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2]);
  expect(wrong.map(({ errors }) => errors)).toEqual([
    expect.stringContaining('--value names nope, and the value of "t" is made of customer, weight, total'),
    expect.stringContaining("--key names id, total"),
    expect.stringContaining('would be called "total"'),
    expect.stringContaining("--value names customer, total"),
    expect.stringContaining("--on-bad-row skip"),
  ]);
  expect(twice).toMatchObject({ exitCode: 2, output: "", errors: expect.stringContaining("without --flat") });
});

it("zspine import refuses CSV that is not UTF-8, with its line, wherever pieces of it end, and takes UTF-16 with its mark", async () => {
  const { run, folder } = zspineOf();
  const args = ["--trace", "t", "--key", "id"];
  // Longer than a piece of a file, which ends within characters of two, three and four bytes.
  const texts = ["é", "€", "𝄞", "a€"].map((text) => text.repeat(30_000));
  const good = `id,v\n${texts.map((text, id) => `${id},${text}\n`).join("")}`;
  const line = Buffer.from("9,x\n");
  const bad: readonly (readonly [Uint8Array, number])[] = [
    [Buffer.from("id,v\n1,\xe4\n", "latin1"), 2],
    [Buffer.concat([Buffer.from(good), line, Uint8Array.of(0x39, 0x2c, 0xed, 0xa0, 0x80, 10), line]), 7],
    [Buffer.concat([Buffer.from(good), Uint8Array.of(0x39, 0x2c, 0xe2, 0x82)]), 6],
  ];
  for (const [at, [bytes, number]] of bad.entries())
    for (const skip of [[], ["--on-bad-row", "skip"]]) {
      const seen = await run(["import", "latin", put(`latin${at}.csv`, bytes), ...args, ...skip]);
      expect(seen).toMatchObject({ exitCode: 1, output: "" });
      expect(seen.errors).toContain(
        `"latin${at}.csv", line ${number} is not UTF-8; write the file in that first`,
      );
    }
  expect(existsSync(join(folder, "latin"))).toBe(false);

  const taken = await run(["import", "taken", put("good.csv", good), ...args]);
  const wide = put("wide.csv", Buffer.from("\ufeffid,v\n1,ä\n", "utf16le"));
  const wideTaken = await run(["import", "wide", wide, ...args]);
  expect([taken.exitCode, wideTaken.exitCode]).toEqual([0, 0]);
  expect((await run(["scan", "wide"])).output).toBe('1  {"v":"ä"}\n');
  expect((await run(["export", "taken", "--format", "csv"])).output).toContain(`2,${"𝄞".repeat(30_000)},1\n`);
});

it("zspine says what to write for a header of another delimiter, for no column, and for a folder that is not there", async () => {
  const { run } = zspineOf();
  const args = ["import", "other", put("semicolon.csv", "id;v\n1;a\n"), "--trace", "t"];
  const seen = [await run(args), await run([...args, "--key", "id"]), await run([...args, "--key", ""])];
  const made = await run([...args, "--key", "id", "--delimiter", ";"]);
  const nowhere = await run(["export", "other", "nowhere/out.csv"]);
  const one = await run(["export", "other", "one.csv"]);

  expect(seen.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
  for (const { errors } of seen.slice(0, 2)) expect(errors).toContain("add --delimiter ';'");
  expect(seen[2]!.errors).toContain("Expected names of columns");
  expect(made.exitCode).toBe(0);
  expect(nowhere).toMatchObject({ exitCode: 1, output: "" });
  expect(nowhere.errors).toContain('"nowhere/out.csv" cannot be used: there is no such file or directory');
  expect(one.errors).toBe('wrote 1 row of "t" to "one.csv"\n');
});

it("zspine import says in words of its own how to pass over fields that it does not know", async () => {
  const { run } = zspineOf();
  const lines = '{"key":1,"value":"a","more":3}\n';
  const args = ["import", "unknown", "-", "--format", "ndjson", "--trace", "t"];
  const refused = await run(args, lines);
  const skipped = await run([...args, "--on-bad-row", "skip"], `${lines}{"key":2,"value":"b"}\n`);
  const taken = await run([...args, "--ignore-unknown"], lines);

  expect(refused).toMatchObject({ exitCode: 1, output: "" });
  for (const { errors } of [refused, skipped]) {
    expect(errors).toContain("line 1: more: there is no such field here");
    expect(errors).toContain("; to pass over such fields, add --ignore-unknown");
    expect(errors).not.toContain("unknown:");
  }
  expect(skipped.output).toContain("imported 1 row into");
  expect(taken.exitCode).toBe(0);
  expect((await run(["verify", "unknown"])).output).toContain("sound: 2 rows, 2 batches, 2 blocks, ");
  await run(["compact", "unknown"]);
  expect((await run(["verify", "unknown"])).output).toMatch(/sound: 2 rows, 1 batch, 1 block, /);
});

it("zspine import tells a number that is none as it stands in the file", async () => {
  const { run } = zspineOf();
  const csv = put("huge.csv", "id,x\n1,1e400\n");
  const { exitCode, errors } = await run(["import", "huge", csv, "--trace", "t", "--key", "id"]);
  expect(exitCode).toBe(1);
  expect(errors).toContain('found "1e400"');
});

it("zspine import guesses no schema of NDJSON by which a whole number would lose digits, and says how to keep them", async () => {
  const { run, folder } = zspineOf();
  const importOf = (line: string, ...more: readonly string[]) =>
    run(["import", "exact", "-", "--format", "ndjson", "--trace", "t", ...more], line);
  const flat = ["--flat", "--key", "id"];
  const seen = [
    await importOf('{"id": 9007199254740993}\n', ...flat),
    await importOf('{"key":1,"value":{"a":[{"n":1},{"n":-12345678901234567890}]}}\n'),
    await importOf(`{"id":1,"n":1.5}\n\n{"id":2,"n":1${"0".repeat(400)}}\n`, ...flat),
  ];

  expect(seen.map(({ exitCode, output }) => [exitCode, output])).toEqual(seen.map(() => [2, ""]));
  expect(seen.map(({ errors }) => errors)).toEqual([
    expect.stringContaining(
      'line 1: id is 9007199254740993, and read as a number it would be 9007199254740992, so no schema is guessed. Write it as a text, "9007199254740993", which a schema calls int64 or text',
    ),
    expect.stringContaining("line 1: value.a[1].n is -12345678901234567890, "),
    expect.stringContaining(`line 3: n is 1${"0".repeat(400)}, and read as a number it would be Infinity`),
  ]);
  expect(existsSync(join(folder, "exact"))).toBe(false);
});

it("zspine import guesses on where no digit is lost: in texts, of a power of two, with an exponent, or as a schema says", async () => {
  const { run } = zspineOf();
  const line = '{"id":"a \\"9007199254740993","n":18014398509481984,"e":1e300,"f":0.12345678901234567890}\n';
  const args = ["--format", "ndjson", "--trace", "t", "--flat", "--key", "id"];
  const guessed = await run(["import", "guessed", "-", ...args], line);
  const long = '{"id":"9007199254740993","n":9007199254740993}\n';
  const said = await run(["import", "said", "-", ...args, "--schema", "int64 -> {n: number}"], long);
  const again = await run(["import", "said", "-", ...args], long);

  expect(guessed).toMatchObject({ exitCode: 0, errors: expect.stringContaining("text -> {") });
  expect((await run(["scan", "guessed", "--json"])).output).toBe(
    '{"key":"a \\"9007199254740993","value":{"n":18014398509481984,"e":1e+300,"f":0.12345678901234568}}\n',
  );
  expect([said.exitCode, again.exitCode]).toEqual([0, 0]);
  expect((await run(["scan", "said"])).output).toBe('9007199254740993  {"n":9007199254740992}  × 2\n');
});

it("zspine import guesses text of CSV where numbers would lose digits, or days are not in the calendar", async () => {
  const { run } = zspineOf();
  const csv = put(
    "exact.csv",
    "id,mixed,double,day,leap\n1,1.5,0.5,2024-02-29,2024-02-29\n2,9007199254740993,12345678901234567000,2023-02-29,2024-12-31T23:59Z\n",
  );
  const { errors } = await run(["import", "exact-csv", csv, "--trace", "t", "--key", "id"]);
  const scan = await run(["scan", "exact-csv"]);
  const schema = "int -> {mixed: number, double: number, day: date, leap: date}";
  const said = await run(["import", "said-csv", csv, "--trace", "t", "--key", "id", "--schema", schema]);
  const lines = await run(["export", "exact-csv"]);
  const again = await run(
    ["import", "again", "-", "--format", "ndjson", "--trace", "t"],
    lines.output.replaceAll(/"mixed":"[^"]*",/g, ""),
  );

  expect(errors).toContain('int -> {"mixed":text,"double":number,"day":text,"leap":date}');
  expect(scan.output).toContain(
    '{"mixed":"9007199254740993","double":12345678901234567000,"day":"2023-02-29"',
  );
  expect(said).toMatchObject({ exitCode: 1, output: "" });
  expect(said.errors).toContain('"exact.csv", line 3: value.day: expected a time such as');
  expect(lines.output).toContain('"double":12345678901234567000');
  expect(again).toMatchObject({ exitCode: 0, errors: expect.stringContaining('"double":number') });
});

it("zspine import tells that a column is taken for weights which nobody has called so", async () => {
  const { run } = zspineOf();
  const told = "the column weight says how often each row is there; where it is a value, name all that are";
  const files = [
    put("persons.csv", "id,name,weight\n1,ann,70\n"),
    put("persons.ndjson", '{"id":1,"name":"ann","weight":70}\n'),
  ];
  for (const [at, name] of files.entries()) {
    const flat = name.endsWith("ndjson") ? ["--flat"] : [];
    const importTo = (store: string, ...more: readonly string[]) =>
      run(["import", `${store}${at}`, name, "--trace", "t", "--key", "id", ...flat, ...more]);
    const unsaid = await importTo("unsaid");
    const said = await importTo("weights", "--weight", "weight");
    const value = await importTo("values", "--value", "name,weight");

    expect(unsaid).toMatchObject({ exitCode: 0, errors: expect.stringContaining(told) });
    expect(said).toMatchObject({ exitCode: 0, errors: expect.not.stringContaining(told) });
    expect(value).toMatchObject({ exitCode: 0, errors: expect.not.stringContaining(told) });
    expect((await run(["scan", `unsaid${at}`])).output).toBe('1  {"name":"ann"}  × 70\n');
    expect((await run(["scan", `values${at}`])).output).toBe('1  {"name":"ann","weight":70}\n');
  }
  const lines = '{"key":1,"value":"a","weight":2}\n';
  const exported = await run(["import", "lines-of-it", "-", "--format", "ndjson", "--trace", "t"], lines);
  expect(exported).toMatchObject({ exitCode: 0, errors: expect.not.stringContaining(told) });
});

async function fillDisk(isMounted: boolean, disk: string, target: string): Promise<void> {
  const { run } = zspineOf();
  const rows = Array.from({ length: 60_000 }, (_, id) => `${id},${"x".repeat(40)}${id * 7919}\n`).join("");
  const csv = put("large.csv", `id,v\n${rows}`);
  expect((await run(["import", "large", csv, "--trace", "t", "--key", "id"])).exitCode).toBe(0);

  const full = await run(["export", "large", target, "--format", "ndjson", "--force"]);
  expect(full).toMatchObject({ exitCode: 1, output: "" });
  expect(full.errors).toContain("ENOSPC");
  expect(full.errors).not.toMatch(/\n\s+at /);
  if (!isMounted) {
    expect(existsSync(target)).toBe(true);
    return;
  }
  expect(readdirSync(disk)).toEqual([]);
  const small = await run(
    ["import", "disk/store", "-", "--format", "csv", "--trace", "t", "--key", "id"],
    "id,v\n1,a\n",
  );
  const before = (await run(["scan", "disk/store"])).output;
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "ballast"), new Uint8Array(bavail * bsize - 65_536));
  const big = await run(["import", "disk/store", csv, "--key", "id"]);

  expect(small.exitCode).toBe(0);
  expect(big).toMatchObject({ exitCode: 1, output: "" });
  expect(big.errors).toMatch(/ENOSPC|full/);
  expect(big.errors).not.toMatch(/\n\s+at /);
  expect((await run(["scan", "disk/store"])).output).toBe(before);
}
