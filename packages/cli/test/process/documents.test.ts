import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundledZspine } from "./zspine-process.ts";

const zspineOf = bundledZspine();

/** A command of a document, and what it shows under it. */
interface Example {
  readonly command: string;
  readonly shown: string;
}

/** The commands of all blocks marked ```console: each line that begins with `$`, and what follows up to the next. */
function examplesOf(markdown: string): Example[] {
  return [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const end = text.indexOf("\n");
        return { command: text.slice(0, end), shown: text.slice(end + 1) };
      }),
  );
}

it.each([
  ["README.md", new URL("../../README.md", import.meta.url)],
  ["command-line.md", new URL("../../../../docs/guides/command-line.md", import.meta.url)],
])("%s shows what a person sees who types its commands", async (name, url) => {
  const { folder, shell } = zspineOf();
  mkdirSync(join(folder, name));
  const examples = examplesOf(readFileSync(url, "utf8"));
  expect(examples.length).toBeGreaterThan(5);
  for (const { command, shown } of examples) {
    const { output } = await shell(`cd ${name}\n${command}`);
    expect(`$ ${command}\n${output}`).toBe(`$ ${command}\n${shown}`);
  }
});
