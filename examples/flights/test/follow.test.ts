import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startS3Server, type S3Server } from "../../../packages/backend-s3/test/service/s3-server.ts";
import { run } from "../src/run.ts";
import { findingsOf } from "./findings.ts";

const ROWS = ["--rows", "30000"];
const folder = mkdtempSync(join(tmpdir(), "zspine-follow-"));
let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly stop: () => void;
  readonly ended: Promise<{ readonly code: number; readonly output: string; readonly errors: string }>;
  /** Resolves when the output has the text. */
  said(text: string): Promise<void>;
}

function start(...args: string[]): Running {
  const stopping = new AbortController();
  let [output, errors] = ["", ""];
  const waiting = new Map<string, () => void>();
  const code = run(args, {
    output: {
      write(text) {
        output += text;
        for (const [awaited, resolve] of waiting) if (output.includes(awaited)) resolve();
      },
    },
    errors: { write: (text) => (errors += text) },
    signal: stopping.signal,
  });
  return {
    stop: () => stopping.abort(),
    ended: code.then((ended) => ({ code: ended, output, errors })),
    said: (text) =>
      new Promise((resolve) => (output.includes(text) ? resolve() : waiting.set(text, resolve))),
  };
}

it.each([
  { where: "files", state: () => join(folder, "state") },
  { where: "a bucket", state: () => `s3://${server.bucket}/flights` },
])(
  "one who follows a state in $where finds what the job finds, and the job goes on after a stop",
  async ({ state }) => {
    const place = ["--state", state()];
    const follower = start(...ROWS, ...place, "--follow");
    await follower.said("Waiting: ");
    const first = await start("--rows", "8000", ...place).ended;
    await follower.said("8,000 flights");
    const rest = await start(...ROWS, ...place).ended;
    const followed = await follower.ended;
    const alone = await start(...ROWS, "--backend", "memory").ended;

    expect([first, rest, followed].map(({ code, errors }) => ({ code, errors }))).toEqual(
      Array.from({ length: 3 }, () => ({ code: 0, errors: "" })),
    );
    expect(rest.output).toContain("Resumed after 2001-01-01, head");
    expect(findingsOf(rest.output)).toBe(findingsOf(alone.output));
    const [worst] = /The worst routes until [^]*?\n\nCheck: PASS.*/m.exec(followed.output) ?? [];
    const [table = "none"] = /The worst routes until [^]*?\n\n[^]*?\n\n/m.exec(rest.output) ?? [];
    expect(worst).toContain(table);
  },
);

it("one who follows keeps within a budget, and refuses what is not the state of the job", async () => {
  const place = ["--state", join(folder, "bounded")];
  await start(...ROWS, ...place).ended;
  const bounded = await start(...ROWS, ...place, "--follow", "--budget", "4MB").ended;
  expect(bounded).toMatchObject({ code: 0, errors: "" });
  expect(bounded.output).toContain("Check: PASS");

  const location = join(folder, "foreign");
  const foreign = await openStore({ backend: file({ location }) });
  await foreign.commit();
  const refused = await start("--state", location, "--follow").ended;
  expect(refused).toMatchObject({ code: 1, output: "" });
  expect(refused.errors).toContain("is not the state of this job");
  await foreign.close();
});

it("one who follows is interrupted whenever it may be, and leaves the state alone", async () => {
  const nothing = start("--state", join(folder, "nothing"), "--follow");
  await nothing.said("Waiting: ");
  nothing.stop();
  expect(await nothing.ended).toMatchObject({ code: 130, errors: "" });

  const place = ["--state", join(folder, "some")];
  await start("--rows", "2000", ...place).ended;
  const some = start(...ROWS, ...place, "--follow");
  await some.said("2,000 flights");
  some.stop();
  expect(await some.ended).toMatchObject({ code: 130 });
  expect((await some.ended).output).toContain("Interrupted; the state goes on without it.");
});

it("the job says which keys of a bucket are missing, or wrong", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "");
  const missing = await start("--state", `s3://${server.bucket}/wrong`).ended;
  vi.stubEnv("AWS_ACCESS_KEY_ID", "other");
  const wrong = await start("--state", `s3://${server.bucket}/wrong`).ended;
  vi.stubEnv("AWS_ACCESS_KEY_ID", server.env["AWS_ACCESS_KEY_ID"]!);

  expect(missing).toMatchObject({ code: 1, output: "" });
  expect(missing.errors).toContain("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  expect(wrong).toMatchObject({ code: 1, output: "" });
  expect(wrong.errors).toContain("InvalidAccessKeyId");
});
