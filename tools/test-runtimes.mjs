// @ts-check
// `npm run test:node 22`, `npm run test:deno`, `npm run test:bun`: runs in another runtime the tests that stand for each
// feature (tools/runtimes/features.mjs), or those that are named after it. `--record` keeps in docs/runtimes what came of it.

import { spawnSync } from "node:child_process";
import { isMain, root } from "./project.mjs";
import { FEATURES, LEFT_OUT } from "./runtimes/features.mjs";
import { runWithResult } from "./runtimes/results.mjs";
import { requireRuntime } from "./runtimes/runtimes.mjs";

/**
 * Which tests run: parts of the paths of their files.
 * @param {import("./runtimes/features.mjs").Kind} kind
 */
export function testsOf(kind) {
  const given = FEATURES.filter(({ not }) => not?.[kind] === undefined);
  return [
    ...given.flatMap(({ place, chosen, more }) => [...(chosen ?? [place]), ...(more?.[kind] ?? [])]),
    "tools/test/runtime.test.mjs",
  ];
}

if (isMain(import.meta.url)) {
  const isRecorded = process.argv.includes("--record");
  const [kind = "", ...rest] = process.argv.slice(2).filter((argument) => argument !== "--record");
  const name = kind === "node" ? `node-${rest.shift() ?? ""}` : kind;
  const { path: binary, args: runs, version, kind: found, title } = requireRuntime(name);
  console.log(`${title} ${version}`);
  const chosen = rest.length > 0 ? rest : testsOf(found);
  process.exitCode = runWithResult(
    name,
    version,
    (path) => {
      const left = rest.length > 0 ? [] : LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
      const args = [...runs, `${root}node_modules/vitest/vitest.mjs`, "run", ...chosen, ...left];
      // The seeds are those of laws of which `npm test` has more.
      const env = {
        ZSPINE_RUNTIME: found,
        ZSPINE_TESTS: found === "node" ? "short" : "all",
        ZSPINE_SEEDS: "3",
        VITEST_JSON_REPORT: path,
      };
      return (
        spawnSync(binary, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } }).status ?? 1
      );
    },
    { isRecorded: isRecorded && rest.length === 0 },
  );
}
