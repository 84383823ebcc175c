import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const packages = join(import.meta.dirname, "../../..");

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Compiles packages of ours into `folder`, so that a program there finds them in every runtime, without a build. */
export function compilePackages(folder: string, names: readonly string[]): void {
  const modules = join(folder, "node_modules");
  for (const name of names) {
    const source = join(packages, name, "src");
    const target = join(modules, "@zspine", name);
    for (const file of readdirSync(source, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const text = readFileSync(join(source, file), "utf8");
      write(
        join(target, file.replace(/\.ts$/, ".js")),
        ts.transpileModule(text, { compilerOptions }).outputText,
      );
    }
    const manifest = { name: `@zspine/${name}`, type: "module", exports: "./index.js" };
    write(join(target, "package.json"), JSON.stringify(manifest));
  }
  for (const name of ["zod", "fflate", "crc-32"])
    symlinkSync(join(packages, "../node_modules", name), join(modules, name));
  write(join(folder, "package.json"), JSON.stringify({ type: "module" }));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
