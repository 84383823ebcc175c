import { expect, it } from "vitest";
import { findDataFolder, type DataFolder } from "../src/data-folder.ts";
import { run } from "../src/run.ts";

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

it("run() reads 5,000 real flights and passes its check", async () => {
  const { code, output, errors } = await runWith(["--rows", "5000"]);

  expect(output).toContain("Check: PASS");
  expect(output).toContain("5,000 flights of 1 day");
  expect(errors).toBe("");
  expect(code).toBe(0);
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

it("run() finishes the day when it is interrupted, and tells how far it came", async () => {
  const interruption = new AbortController();
  const { code, output } = await runWith(["--rows", "50000"], {
    signal: interruption.signal,
    onOutput: () => interruption.abort(),
  });

  expect(output).toContain("Interrupted after 2001-01-01: 14,828 of 50,000 flights, 1 day in 1 commit.");
  expect(output).not.toContain("Check");
  expect(code).toBe(130);
});
