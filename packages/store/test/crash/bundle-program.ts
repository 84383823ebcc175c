import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Makes one JavaScript file of a program in TypeScript and the sources of our packages, for a process of its own:
 * it starts in a fraction of a second, and nothing need be built before.
 *
 * @param folder An empty directory, in which the file will be.
 * @returns The path of the file.
 */
export async function bundleProgram(entry: string, folder: string): Promise<string> {
  // Vitest brings Vite along.
  const vite = createRequire(require.resolve("vitest/package.json")).resolve("vite");
  const { build } = (await import(pathToFileURL(vite).href)) as { build(options: object): Promise<unknown> };
  const conditions = ["@zspine/source", "module", "node", "development|production"];
  await build({
    root,
    configFile: false,
    logLevel: "warn",
    resolve: { conditions },
    // What is native code is found where it is installed.
    ssr: { resolve: { conditions }, noExternal: true, external: ["level"] },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: "node20",
      rollupOptions: { output: { entryFileNames: "program.mjs" } },
    },
  });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return join(folder, "program.mjs");
}

/**
 * What a runtime is given to run a program: itself the program, and in Deno that it may do all that Node may.
 * @param program its path, and arguments of its own
 */
export function argumentsToRun(...program: readonly string[]): readonly string[] {
  return "Deno" in globalThis ? ["run", "-A", ...program] : program;
}
