import { existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { expect, it } from "vitest";
import { z } from "zod";
import { bundledZspine } from "./zspine-process.ts";

const zspineOf = bundledZspine();

/** Makes a store of two commits: one of a row, and one of so many that they have files of their own. */
async function twoCommits(name: string): Promise<string> {
  const location = join(zspineOf().folder, name);
  const store = await openStore({ backend: file({ location }) });
  const trace = await store.trace("t", { key: z.int(), value: z.string() });
  trace.insert(1, "first");
  await store.commit();
  for (let key = 2; key < 60_000; key++) trace.insert(key, `v${(key * 7919) % 10_007}`);
  await store.commit();
  await store.close();
  return location;
}

/** Files of a store, the largest first. */
function filesOf(location: string): string[] {
  return (readdirSync(location, { recursive: true }) as string[])
    .map((path) => join(location, path))
    .filter((path) => statSync(path).isFile())
    .sort((a, b) => statSync(b).size - statSync(a).size);
}

/** Flips a bit of the file. */
function flip(path: string, at: (bytes: Uint8Array) => number): void {
  const bytes = readFileSync(path);
  bytes[at(bytes)]! ^= 1;
  writeFileSync(path, bytes);
}

/** Damages what only the newest commit names. */
const DAMAGES = {
  "a lost value": (location: string) => unlinkSync(filesOf(location)[0]!),
  "a damaged index": (location: string) => flip(filesOf(location)[0]!, (bytes) => bytes.length - 20),
  "a damaged head": (location: string) => {
    const [largest] = filesOf(location);
    const journal = filesOf(location).find((path) => path.includes("journal"));
    // It is the first to name the batch.
    flip(journal!, (bytes) => Buffer.from(bytes).indexOf(basename(dirname(largest!))));
  },
};

it.each(Object.entries(DAMAGES))(
  "zspine refuses %s of the newest commit, and reads and copies the one before with --recover previous",
  async (what, damage) => {
    const { run } = zspineOf();
    const place = what.replaceAll(" ", "-");
    const copy = `${place}-copy`;
    damage(await twoCommits(place));

    const refused = await Promise.all(
      [
        ["scan", place],
        ["verify", place],
        ["compact", place],
        ["restore", place, copy],
      ].map((args) => run(args)),
    );
    const scan = await run(["scan", place, "--recover", "previous"]);
    const exported = await run(["export", place, "--recover", "previous"]);
    const stats = await run(["stats", place, "--recover", "previous", "--json"]);
    const verify = await run(["verify", place, "--recover", "previous"]);
    const backup = await run(["backup", place, copy, "--recover", "previous"]);

    for (const { exitCode, errors, output } of refused) {
      expect({ exitCode, output }).toEqual({ exitCode: 1, output: "" });
      expect(errors).toContain("use zspine backup, or another command that reads, with --recover previous");
      expect(errors).toContain("ZSPINE_CORRUPT");
      expect(errors).not.toContain("recover:");
    }
    const errors = "the newest head, 2, cannot be used, and was passed over: what is read is commit 1\n";
    expect(scan).toEqual({ exitCode: 0, output: "1  first\n", errors });
    expect(exported).toEqual({ exitCode: 0, output: '{"key":1,"value":"first"}\n', errors });
    expect(JSON.parse(stats.output)).toMatchObject({ token: 1, traces: [{ rows: 1 }] });
    // It looks at the newest all the same.
    expect(verify).toMatchObject({ exitCode: 1, output: expect.stringMatching(/^\d+ problems?: 1 row, /) });
    expect(verify.errors).not.toContain("recover:");
    expect(backup).toMatchObject({ exitCode: 0, errors });
    expect((await run(["scan", copy])).output).toBe("1  first\n");
    expect((await run(["verify", copy])).output).toMatch(/^sound: 1 row, /);
  },
);

it("zspine changes nothing about a store that is sound with --recover previous", async () => {
  const { run } = zspineOf();
  await twoCommits("sound");

  const verify = await run(["verify", "sound", "--recover", "previous"]);

  expect(verify).toMatchObject({
    exitCode: 0,
    errors: "",
    output: expect.stringMatching(/^sound: 59,999 rows/),
  });
});

it("zspine finds no store where a copy has failed, until it is made again", async () => {
  const { run, folder } = zspineOf();
  const location = await twoCommits("broken");
  flip(filesOf(location)[0]!, (bytes) => Math.floor(bytes.length / 3));

  const backup = await run(["backup", "broken", "copy"]);
  const marked = readdirSync(join(folder, "copy"));
  const reads = await Promise.all(
    [
      ["verify", "copy"],
      ["stats", "copy", "--json"],
      ["scan", "copy"],
      ["backup", "copy", "copy-of-copy"],
    ].map((args) => run(args)),
  );
  await twoCommits("whole");
  const again = await run(["backup", "whole", "copy"]);

  expect(backup).toMatchObject({ exitCode: 1, errors: expect.stringContaining("zspine verify") });
  expect(backup.errors).not.toContain("store.verify()");
  expect(marked).toContain("ZSPINE");
  for (const { exitCode, errors, output } of reads) {
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: "" });
    expect(errors).toContain('there is no store at "copy": nothing was ever committed there');
  }
  expect(existsSync(join(folder, "copy-of-copy"))).toBe(false);
  expect(again).toMatchObject({ exitCode: 0, errors: "" });
  expect((await run(["verify", "copy"])).output).toMatch(/^sound: 59,999 rows/);
});
