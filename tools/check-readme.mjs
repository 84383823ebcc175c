// @ts-check
// Examples in the documents: every block marked ```ts run in README.md, packages/*/README.md and docs/guides/*.md
// is checked by TypeScript and run by Node against the built packages: as it stands where every Node that we support can
// read it, else translated as users' tools do. The first one of README.md is of the former. Needs a build.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { isMain, readFiles, readText, report, root } from "./project.mjs";
import { parse, walk } from "./syntax.mjs";

// Inside the repository, so that the examples find the packages as a user's program would.
const folder = `${root}.readme-run`;

/** @type {ts.CompilerOptions} */
const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
  types: ["node"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * The blocks marked ```ts run, each padded with empty lines so that its lines have the numbers they have in
 * the document.
 * @param {string} markdown
 * @returns {{ line: number, code: string }[]}
 */
export function runnableBlocks(markdown) {
  return [...markdown.matchAll(/^```ts run[ \t]*\n([\s\S]*?)^```[ \t]*$/gm)].map((match) => {
    const line = markdown.slice(0, match.index).split("\n").length + 1;
    return { line, code: "\n".repeat(line - 1) + (match[1] ?? "") };
  });
}

/**
 * The program without its types, as Node runs it.
 * @param {string} code
 */
export function stripTypes(code) {
  return ts.transpileModule(code, { compilerOptions: { ...compilerOptions, module: ts.ModuleKind.ESNext } })
    .outputText;
}

/**
 * Whether the oldest Node that we support reads a program as it stands: it has no types, and nothing newer.
 * @param {string} code
 */
export function isPlain(code) {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName: "example.js",
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, allowJs: true },
  });
  let isPlain = diagnostics.length === 0;
  walk(parse("example.ts", code), (node) => {
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) !== 0) isPlain = false;
  });
  return isPlain;
}

/** @param {import("./project.mjs").Files} documents */
function checkExamples(documents) {
  rmSync(folder, { recursive: true, force: true });
  /** @type {string[]} */
  const errors = [];
  /** @type {Map<string, string>} */
  const sources = new Map();
  for (const [path, markdown] of documents) {
    for (const [at, { line, code }] of runnableBlocks(markdown).entries()) {
      const plain = isPlain(code);
      const place = `${path}:${line}`;
      const directory = `${folder}/${place.replaceAll(/[^\w-]+/g, "-")}`;
      mkdirSync(directory, { recursive: true });
      writeFileSync(`${directory}/example.ts`, code);
      writeFileSync(`${directory}/example.mjs`, plain ? code : stripTypes(code));
      sources.set(`${directory}/example.ts`, place);
      const run = spawnSync(process.execPath, ["example.mjs"], {
        cwd: directory,
        encoding: "utf8",
        timeout: 60_000,
      });
      if (path === "README.md" && at === 0 && !plain)
        errors.push(`${place}: the first example has types or \`using\`; write what every Node reads`);
      if (run.status !== 0) errors.push(`${place}: the example fails\n${run.stdout}${run.stderr}`);
    }
  }
  errors.push(...typeErrors(sources));
  if (errors.length === 0) rmSync(folder, { recursive: true, force: true });
  return { errors, examples: sources.size };
}

/** @param {ReadonlyMap<string, string>} sources place in the documents by path of the program */
function typeErrors(sources) {
  if (sources.size === 0) return [];
  const program = ts.createProgram([...sources.keys()], compilerOptions);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    if (!file) return text;
    const document = sources.get(file.fileName)?.replace(/:\d+$/, "") ?? file.fileName;
    return `${document}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
  });
}

if (isMain(import.meta.url)) {
  const documents = new Map([
    ["README.md", readText("README.md")],
    ...readFiles(["packages", "docs/guides"], /^(packages\/[^/]+\/README|docs\/guides\/.*)\.md$/),
  ]);
  const { errors, examples } = checkExamples(documents);
  report(`readme (${examples} examples)`, { errors });
}
