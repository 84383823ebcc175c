import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { places } from "./places.ts";
import { runTool } from "./run-tool.ts";

/** Of the crate and those that belong to it. */
export const DBSP_VERSION = "0.349.0";

const FETCH_SECONDS = 600;
const BUILD_SECONDS = 3600;

/**
 * Manifests that are made to ask less of their dependencies, so that the build takes minutes and not an hour; no code is
 * touched. `object_store` without clients of clouds (its paths and its error are used), `zip` without codecs (it packs
 * profiles). `actix-web` is replaced by stubs in Cargo.toml.
 */
const SLIMMED: readonly { readonly crate: string; readonly find: RegExp; readonly put: string }[] = [
  {
    crate: "feldera-storage",
    find: /(\[dependencies\.object_store\]\nversion = "[^"]*"\n)features = \[[^\]]*\]\n/,
    put: "$1",
  },
  {
    crate: "dbsp",
    find: /(\[dependencies\.zip\]\nversion = "[^"]*"\n)/,
    put: "$1default-features = false\n",
  },
  {
    crate: "feldera-ir",
    find: /(\[dependencies\.zip\]\nversion = "[^"]*"\n)/,
    put: "$1default-features = false\n",
  },
];

/** The program that plays `dbsp`, where it has been built of the sources as they are; else undefined. */
export function builtDbsp(): string | undefined {
  const { binary, stamp } = outputs();
  return existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === sourceHash()
    ? binary
    : undefined;
}

/** Builds `dbsp`, with cargo as it is set up here, unless it is built. Gives why that failed. */
export async function buildDbsp(
  print: (line: string) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (builtDbsp() !== undefined) return undefined;
  const { folder, stamp } = outputs();
  const cargo = (args: readonly string[], cwd: string, seconds: number): Promise<string | undefined> =>
    runTool("cargo", args, { cwd, seconds, signal, env: { CARGO_TARGET_DIR: join(folder, "target") } });
  print(
    `building dbsp ${DBSP_VERSION}, once: about 20 minutes on two cores (--filter and --without leave it out)`,
  );
  const crate = join(folder, "crate");
  for (const made of [crate, join(folder, "slim"), join(folder, "fetch")])
    rmSync(made, { recursive: true, force: true });
  cpSync(places.peersDbsp, crate, { recursive: true });
  const failure =
    (await fetchCrates(cargo, join(folder, "fetch"))) ??
    slimCrates(join(folder, "slim")) ??
    (await cargo(["build", "--release", "--quiet"], crate, BUILD_SECONDS));
  if (failure === undefined) writeFileSync(stamp, sourceHash());
  return failure;
}

async function fetchCrates(
  cargo: (args: readonly string[], cwd: string, seconds: number) => Promise<string | undefined>,
  folder: string,
): Promise<string | undefined> {
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src/lib.rs"), "");
  writeFileSync(
    join(folder, "Cargo.toml"),
    `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\ndbsp = "=${DBSP_VERSION}"\n`,
  );
  return cargo(["fetch", "--quiet"], folder, FETCH_SECONDS);
}

function slimCrates(folder: string): string | undefined {
  const sources = join(process.env["CARGO_HOME"] ?? join(homedir(), ".cargo"), "registry/src");
  for (const { crate, find, put } of SLIMMED) {
    const name = `${crate}-${DBSP_VERSION}`;
    const from = readdirSync(sources)
      .map((registry) => join(sources, registry, name))
      .find((path) => existsSync(path));
    if (from === undefined) return `${name} is not among the sources that cargo has fetched`;
    const to = join(folder, crate);
    cpSync(from, to, { recursive: true });
    rmSync(join(to, "Cargo.lock"), { force: true });
    const manifest = join(to, "Cargo.toml");
    const text = readFileSync(manifest, "utf8");
    const slim = text.replace(find, put);
    if (slim === text) return `${name}: its manifest is not as expected`;
    writeFileSync(manifest, slim);
  }
  return undefined;
}

function outputs(): { readonly folder: string; readonly binary: string; readonly stamp: string } {
  const folder = join(places.kept, "dbsp");
  return { folder, binary: join(folder, "target/release/dbsp-peer"), stamp: join(folder, "built") };
}

function sourceHash(): string {
  const hash = createHash("sha256");
  for (const path of ["Cargo.toml", "Cargo.lock", "src/main.rs"])
    hash.update(existsSync(join(places.peersDbsp, path)) ? readFileSync(join(places.peersDbsp, path)) : "");
  return hash.digest("hex");
}
