import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { bundledZspine } from "./zspine-process.ts";

const zspineOf = bundledZspine();

/** Starts `zspine inspect` in the folder; gives the address of the page. */
async function inspect(place: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = zspineOf().start(["inspect", place]);
  const [url] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { url, child };
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly policy: string;
}

/** Asks as anybody can who writes requests by hand: fetch() would not send another host. */
async function ask(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const sent = request(url, { headers, method, agent: false });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let body = "";
  for await (const piece of response.setEncoding("utf8")) body += String(piece);
  return { status: response.statusCode, body, policy: String(response.headers["content-security-policy"]) };
}

async function ended(child: ChildProcess): Promise<number | null> {
  const closed = once(child, "close") as Promise<[number | null]>;
  child.kill("SIGINT");
  return (await closed)[0];
}

it("zspine inspect shows traces, rows, and rows as of a time, follows what is committed, and ends at Ctrl+C with 0", async () => {
  const { run } = zspineOf();
  const csv = "item,cents,day,weight\napple,30,1,1\napple,30,2,-1\napple,35,2,1\n";
  const args = ["import", "prices", "-", "--format", "csv", "--trace", "prices", "--key", "item"];
  await run(
    [...args, "--value", "cents", "--time", "day", "--weight", "weight", "--complete-until", "2"],
    csv,
  );
  const { url, child } = await inspect("prices");

  const page = await ask(url);
  const store = JSON.parse((await ask(`${url}store`)).body) as { token: number; traces: unknown[] };
  const now = await ask(`${url}rows?trace=prices`);
  const then = await ask(`${url}rows?trace=prices&asOf=1&from=apple`);
  const ahead = await ask(`${url}rows?trace=prices&asOf=9`);
  const missing = await ask(`${url}rows?trace=price`);
  const verify = await ask(`${url}verify`);
  await run(["import", "prices", "-", "--format", "ndjson"], '{"key":"pear","value":45,"time":3}\n');
  const later = JSON.parse((await ask(`${url}store`)).body) as { token: number };

  expect(page).toMatchObject({ status: 200, body: expect.stringContaining("<!doctype html>") as string });
  expect(page.policy).toContain("default-src 'none'");
  expect(store.traces).toMatchObject([
    { name: "prices", kind: "temporal", rows: 3, since: -(2 ** 53 - 1), lastComplete: 2 },
  ]);
  expect(now.body).toBe('{"key":"apple","value":35}\n');
  expect(then.body).toBe('{"key":"apple","value":30}\n');
  expect(ahead).toMatchObject({ status: 500, body: expect.stringContaining("ZSPINE_TIME_AHEAD") as string });
  expect(missing).toMatchObject({ status: 400, body: expect.stringContaining("did you mean") as string });
  expect(JSON.parse(verify.body)).toMatchObject({ isSound: true, problems: [] });
  expect(later.token).toBe(store.token + 1);
  expect(await ended(child)).toBe(0);
});

it("zspine inspect answers nobody without the token, by another name, from another page, or who would write", async () => {
  const { run } = zspineOf();
  await run(["import", "shop", "-", "--format", "csv", "--trace", "t", "--key", "id"], "id\n1\n");
  const { url, child } = await inspect("shop");
  const { host, hostname, port, origin } = new URL(url);

  const statuses = await Promise.all([
    ask(`${origin}/`),
    ask(`${origin}/store`),
    ask(`${url.slice(0, -2)}/store`),
    ask(`${url}store`, { host: `evil.example:${port}` }),
    ask(`${url}store`, { host: hostname }),
    ask(`${url}store`, { origin: "http://evil.example" }),
    ask(`${url}store`, {}, "POST"),
    ask(`${url}nothing`),
    ask(`${url}store`, { host: `localhost:${port}` }),
    ask(`${url}store`, { origin: `http://${host}` }),
  ]);

  expect(hostname).toBe("127.0.0.1");
  expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403, 405, 404, 200, 200]);
  expect(await ended(child)).toBe(0);
});

it("zspine inspect tells that a port is taken, or that there is no store, and ends", async () => {
  const { run } = zspineOf();
  await run(["import", "few", "-", "--format", "csv", "--trace", "t", "--key", "id"], "id\n1\n");
  const { url, child } = await inspect("few");

  const taken = await run(["inspect", "few", "--port", new URL(url).port]);
  const missing = await run(["inspect", "nowhere"]);
  const wrong = await run(["inspect", "few", "--port", "http"]);

  expect(taken).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("the port is taken") as string,
  });
  expect(missing).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("there is no store") as string,
  });
  expect(wrong).toMatchObject({ exitCode: 2, errors: expect.stringContaining("Expected a port") as string });
  expect(await ended(child)).toBe(0);
});

it("zspine import that is stopped by Ctrl+C ends with 130, and says what is left and what to do", async () => {
  const { run, start } = zspineOf();
  const import_ = ["import", "stopped", "-", "--format", "csv", "--trace", "t", "--key", "id"];
  for (const [more, message] of [
    [[], "nothing of the input was imported"],
    [["--name", "monday"], "the same --name"],
  ] as const) {
    const child = start([...import_, ...more]);
    child.stderr!.setEncoding("utf8");
    let told = "";
    child.stderr!.on("data", (text: string) => (told += text));
    // More than the sample that a schema is taken from, and no end: it waits for more.
    child.stdin!.write(`id\n${Array.from({ length: 5_000 }, (_, id) => `${id}\n`).join("")}`);
    while (!told.includes("no schema was given")) await once(child.stderr!, "data");
    expect([await ended(child), told]).toEqual([130, expect.stringContaining(message)]);
    expect(told).toContain("run the same command again");
    expect(await run(["scan", "stopped"])).toMatchObject({ exitCode: 1 });
  }
});

it("zspine completion has bash complete commands, options and their values, and paths", async () => {
  const { run, shell } = zspineOf();
  const complete = async (...words: readonly string[]): Promise<string> => {
    const list = words.map((word) => `'${word}'`).join(" ");
    const { output } = await shell(
      `bash -c 'eval "$(zspine completion bash)"; COMP_WORDS=(${list.replaceAll("'", '"')}); COMP_CWORD=${words.length - 1}; _zspine; echo "\${COMPREPLY[@]}"'`,
    );
    return output.trim();
  };

  expect(await complete("zspine", "ex")).toBe("export");
  expect(await complete("zspine", "import", "x", "--on-b")).toBe("--on-bad-row");
  expect(await complete("zspine", "import", "x", "--format", "p")).toBe("parquet");
  expect(await complete("zspine", "completion", "z")).toBe("zsh");
  expect(await complete("zspine", "scan", "sh")).toBe("");
  const zsh = await run(["completion", "zsh"]);
  const fish = await run(["completion", "fish"]);
  for (const name of ["import", "as-of", "inspect", "completion"]) {
    expect(zsh.output).toContain(`    ${name}) _arguments `);
    expect(fish.output).toContain(`-a ${name} -d '`);
  }
  expect(zsh.output).toContain(
    "'--backend[the kind of the store; found where there is one]:value:(file level)'",
  );
  // In a ~/.zshrc that has not set completion up.
  expect(zsh.output).toContain("(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }");
  expect(fish.output).toContain("-l on-bad-row -x -a 'refuse skip'");
  expect(await run(["completion", "tcsh"])).toMatchObject({ exitCode: 2 });
});
