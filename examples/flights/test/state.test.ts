import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { run } from "../src/run.ts";
import { dropState, metadataOf, openState } from "../src/state.ts";
import { directoryOf, type StatePlace } from "../src/state-place.ts";

const folder = mkdtempSync(join(tmpdir(), "zspine-state-"));
afterAll(() => rmSync(folder, { recursive: true }));
let location = "";
let place: StatePlace;
let places = 0;
beforeEach(() => {
  location = join(folder, String(++places));
  place = { backend: "file", location };
});

const position = { day: "2001-01-01", days: 1, offset: 5000, corrections: 0 };

async function leaveState(metadata: object = metadataOf(position)): Promise<void> {
  await using store = await openStore({ backend: file({ location }) });
  await store.commit({ metadata: { ...metadata } });
}

/** What a user sees: no stack, and the exit code of what cannot be used. */
async function complaint(...args: string[]): Promise<string> {
  let errors = "";
  const code = await run(["--rows", "100", "--state", location, ...args], {
    output: { write: () => undefined },
    errors: { write: (text) => (errors += text) },
    signal: new AbortController().signal,
  });
  expect(code).toBe(1);
  expect(errors).not.toMatch(/\n\s+at /);
  return errors;
}

it("directoryOf() gives each backend a directory of its own, and memory none", () => {
  expect(directoryOf({ backend: "level", location: undefined })).toMatch(/examples.flights.state.level$/);
  expect(directoryOf({ backend: "memory", location: undefined })).toBeUndefined();
});

describe("the job refuses", () => {
  it("a state that another process works on, and leaves it alone", async () => {
    await leaveState();
    await using _owner = await openState(place);

    expect(await complaint()).toMatch(/ZSPINE_LOCKED/);
    expect(await complaint("--fresh")).toMatch(/ZSPINE_LOCKED/);
  });

  it("a directory with files of others, and leaves them alone", async () => {
    mkdirSync(location);
    writeFileSync(join(location, "letter.txt"), "dear");

    expect(await complaint()).toMatch(/ZSPINE_FORMAT/);
    expect(await complaint("--fresh")).toMatch(/ZSPINE_FORMAT/);
    expect(readdirSync(location)).toEqual(["letter.txt"]);
  });

  it("a state of the other backend", async () => {
    await leaveState();

    expect(await complaint("--backend", "level")).toMatch(/location of the backend "file".*ZSPINE_FORMAT/);
  });

  it("a state of a newer format", async () => {
    await leaveState();
    const marker = join(location, "ZSPINE");
    writeFileSync(marker, readFileSync(marker, "utf8").replace('"version":3', '"version":999'));

    expect(await complaint()).toMatch(/version 999, newer than 3.*update.*ZSPINE_FORMAT/);
    expect(await complaint("--fresh")).toMatch(/ZSPINE_FORMAT/);
  });

  it("a path that is no directory", async () => {
    writeFileSync(location, "");

    expect(await complaint()).toMatch(/The state cannot be used: .*ZSPINE_/);
  });

  it("a store that is not a state of the job, with --fresh too", async () => {
    await leaveState({ mine: true });

    expect(await complaint()).toContain("is not the state of this job, and nothing was changed");
    expect(await complaint("--fresh")).toContain("is not the state of this job, and nothing was changed");
    await using store = await openStore({ backend: file({ location }) });
    expect(store.metadata).toEqual({ mine: true });
  });

  it("a state of another version of the job, but for --fresh", async () => {
    await leaveState({ ...metadataOf(position), version: 1 });

    expect(await complaint()).toMatch(/left by version 1 of this job.*--fresh/);
    await dropState(place);
    await using store = await openState(place);
    expect(store.recovery.head).toBe(0);
  });
});

it("dropState() removes what is damaged, and does nothing where there is none", async () => {
  await dropState(place);
  await leaveState();
  for (const name of readdirSync(join(location, "journal")))
    writeFileSync(join(location, "journal", name), "no journal");

  expect(await complaint()).toMatch(/ZSPINE_CORRUPT/);
  await dropState(place);
  await using store = await openState(place);
  expect(store.recovery.head).toBe(0);
});
