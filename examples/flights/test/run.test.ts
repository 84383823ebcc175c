import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { findDataFolder, type DataFolder } from "../src/data-folder.ts";
import { run } from "../src/run.ts";
import { findingsOf } from "./findings.ts";

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

async function runWith(
  args: readonly string[],
  options: { findData?: () => DataFolder; signal?: AbortSignal; onOutput?: (text: string) => void } = {},
): Promise<Ran> {
  let [output, errors] = ["", ""];
  const code = await run(args, {
    output: {
      write(text) {
        output += text;
        options.onOutput?.(text);
      },
    },
    errors: { write: (text) => (errors += text) },
    signal: options.signal ?? new AbortController().signal,
    findData: options.findData ?? findDataFolder,
  });
  return { code, output, errors };
}

const folder = mkdtempSync(join(tmpdir(), "zspine-run-"));
afterAll(() => rmSync(folder, { recursive: true }));
let places = 0;
const newPlace = (): string => join(folder, String(++places));
const LITTLE_KEPT = ["--state", newPlace()];

it("run() reads 5,000 real flights and passes its check", async () => {
  const { code, output, errors } = await runWith(["--rows", "5000", "--backend", "memory"]);

  expect(output).toContain("Check: PASS");
  expect(output).toContain("5,000 flights of 1 day");
  expect(errors).toBe("");
  expect(code).toBe(0);
});

it.each(["file", "level"])(
  "run() over %s goes on where it stopped, and does nothing twice",
  async (backend) => {
    const args = ["--backend", backend, "--state", newPlace()];
    const first = await runWith([...args, "--rows", "5000"]);
    const more = await runWith([...args, "--rows", "20000"]);
    const again = await runWith([...args, "--rows", "20000"]);
    const atOnce = await runWith(["--backend", "memory", "--rows", "20000"]);

    expect(first.output).toContain("New state in ");
    // The day that was read in part is the same day.
    expect(more.output).toMatch(/Resumed after 2001-01-01, head 1: 5,000 flights of 1 day/);
    expect(more.output).toContain("20,000 flights of 2 days, 15,000 of them now,");
    expect(again.output).toContain("All flights that were asked for are there already");
    expect(again.output).toContain("20,000 flights of 2 days, all of them read before");
    for (const { output, code } of [more, again]) {
      expect(code).toBe(0);
      expect(findingsOf(output)).toBe(findingsOf(atOnce.output));
    }
  },
);

it("run() reports a state that has more flights than are asked for", async () => {
  const args = ["--state", newPlace()];
  await runWith([...args, "--rows", "5000"]);
  const fewer = await runWith([...args, "--rows", "100"]);

  expect(fewer.output).toContain("All flights that were asked for are there already");
  expect(fewer.output).toContain("5,000 flights of 1 day, all of them read before");
  expect(fewer.code).toBe(0);
});

it("run() drops the state with --fresh, and has the same again", async () => {
  const args = ["--rows", "5000", "--state", newPlace()];
  await runWith(args);
  const fresh = await runWith([...args, "--fresh"]);

  expect(fresh.output).toContain("New state in ");
  expect(fresh.output).toContain("Check: PASS");
  expect(fresh.code).toBe(0);
});

it("run() tells what was known on a day, and what has changed after one up to another", async () => {
  const args = ["--rows", "50000", "--state", newPlace()];
  // What is not there yet is read first.
  const first = await runWith([...args, "--as-of", "2001-01-02"]);
  const last = await runWith([...args, "--as-of", "2001-01-04"]);
  const changes = await runWith([...args, "--changes", "2001-01-02..2001-01-04"]);
  const none = await runWith([...args, "--changes", "2001-01-02..2001-01-02"]);
  const report = await runWith(args);

  expect(first.output).toContain("The worst routes as known on 2001-01-02, by mean delay");
  expect(first.output).toMatch(/^Check: PASS.* of the 31,678 flights until then/m);
  expect(tableOf(last.output)).toBe(tableOf(report.output));
  expect(tableOf(first.output)).not.toBe(tableOf(report.output));
  expect(changes.output).toMatch(
    /^After 2001-01-02, up to and with 2001-01-04, the statistics of [\d,]+ routes/m,
  );
  expect(changes.output).toMatch(/^Check: PASS. The changes of [\d,]+ routes/m);
  expect(none.output).toContain("Check: PASS. The changes of 0 routes");
  for (const { code, errors } of [first, last, changes, none]) expect([code, errors]).toEqual([0, ""]);
});

/** The worst routes, without the words above them. */
function tableOf(output: string): string | undefined {
  return /^ 1\. [^]*?\n\n/m.exec(output)?.[0];
}

it("run() tells what was known on a day that was read in parts", async () => {
  const args = ["--state", newPlace()];
  await runWith([...args, "--rows", "5000"]);
  const whole = await runWith([...args, "--rows", "20000", "--as-of", "2001-01-01"]);
  // What is there is not bounded by how many flights are asked for.
  const again = await runWith([...args, "--rows", "1", "--as-of", "2001-01-02"]);

  expect(whole.output).toMatch(/^Check: PASS.* of the 14,828 flights until then/m);
  expect(again.output).toMatch(/^Check: PASS.* of the 20,000 flights until then/m);
});

it.each([
  {
    args: ["--as-of", "2000-12-31"],
    message:
      "2000-12-31 is not among the days that were read, 2001-01-01 to 2001-01-04. Ask for one of them.",
  },
  {
    args: ["--as-of", "2001-01-05"],
    message:
      "2001-01-05 is not among the days that were read, 2001-01-01 to 2001-01-04. " +
      "Ask for one of them, or read more flights with --rows N or --all.",
  },
  { args: ["--changes", "2001-01-03..2001-01-05"], message: "2001-01-05 is not among the days" },
  {
    args: ["--as-of", "2001-01-02"],
    message:
      "2001-01-02 is not kept any more: 2001-01-03 to 2001-01-04 are. " +
      "Ask for one of them, or begin anew and keep more days, with --fresh --keep N.",
  },
  { args: ["--changes", "2001-01-02..2001-01-04"], message: "2001-01-02 is not kept any more" },
])("run() ends with 1 when it cannot tell $args", async ({ args, message }) => {
  // The first of them reads the flights, and the others find them.
  const { code, errors, output } = await runWith(["--rows", "50000", "--keep", "1", ...LITTLE_KEPT, ...args]);

  expect(errors).toContain(message);
  expect(output).not.toContain("Check");
  expect(code).toBe(1);
});

it("run() keeps the history that it was told to keep, unless it is told otherwise", async () => {
  const args = ["--rows", "50000", "--state", newPlace()];
  await runWith([...args, "--keep", "2"]);

  expect((await runWith([...args, "--as-of", "2001-01-02"])).code).toBe(0);
  expect((await runWith([...args, "--as-of", "2001-01-01"])).errors).toContain(
    "2001-01-02 to 2001-01-04 are",
  );
});

it("run() explains itself", async () => {
  const { code, output } = await runWith(["--help"]);

  expect(output).toContain("--rows N");
  expect(code).toBe(0);
});

it("run() ends with 2 when the arguments are wrong", async () => {
  const { code, output, errors } = await runWith(["--rows", "many"]);

  expect(errors).toContain('found "many"');
  expect(output).toBe("");
  expect(code).toBe(2);
});

it("run() ends with 1 when the data package is not there", async () => {
  const findData = (): DataFolder =>
    findDataFolder(() => {
      throw new Error("Cannot find module 'vega-datasets'");
    });
  const { code, errors } = await runWith([], { findData });

  expect(errors).toContain("is not installed. Run `npm ci`");
  expect(code).toBe(1);
});

it("run() ends with 1 when a file cannot be read", async () => {
  const data = findDataFolder();
  const { code, errors } = await runWith([], {
    findData: () => ({ ...data, flights: `${data.flights}.missing` }),
  });

  expect(errors).toContain(`Cannot read ${data.flights}.missing`);
  expect(code).toBe(1);
});

it("run() finishes the day when it is interrupted, and tells how far it came and how to go on", async () => {
  const args = ["--rows", "50000", "--state", newPlace()];
  const interruption = new AbortController();
  const { code, output } = await runWith(args, {
    signal: interruption.signal,
    onOutput: () => interruption.abort(),
  });

  expect(output).toContain("Interrupted after 2001-01-01, head 1: 14,828 of 50,000 flights, 1 day.");
  expect(output).toContain("run the same command again to go on.");
  expect(output).not.toContain("Check");
  expect(code).toBe(130);
  expect((await runWith(args)).output).toContain("Resumed after 2001-01-01, head 1: 14,828 flights");
});

it("run() does not promise to go on from memory", async () => {
  const { output } = await runWith(["--rows", "50000", "--backend", "memory"], {
    signal: AbortSignal.abort(),
  });

  expect(output).toContain("It was in memory, and is gone.");
});
