import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { places } from "./places.ts";
import { runTool } from "./run-tool.ts";

const SECONDS = 900;

/**
 * Installs the peers of JavaScript into their own folder, unless they are there as its lockfile has them. Gives why that
 * failed. A peer that needs a compiler and finds none is left out by npm, and is missing alone.
 */
export async function installJs(
  print: (line: string) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { peersJs } = places;
  const lock = readFileSync(join(peersJs, "package-lock.json"), "utf8");
  const stamp = join(peersJs, "node_modules/.installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return undefined;
  print(
    "installing peers of JavaScript into bench/peers/js, once: up to a few minutes where one is compiled",
  );
  const failure = await runTool("npm", ["ci"], { cwd: peersJs, seconds: SECONDS, signal });
  if (failure === undefined) writeFileSync(stamp, lock);
  return failure;
}

/** The version of a peer that is installed; undefined where it is not. */
export function versionOfPeer(name: string): string | undefined {
  const manifest = join(places.peersJs, "node_modules", name, "package.json");
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
