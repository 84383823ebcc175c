import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Start } from "../contest/contestant.ts";
import type { Row } from "../suite/row.ts";
import { buildDbsp, builtDbsp, DBSP_VERSION } from "./build-dbsp.ts";
import { installJs, versionOfPeer } from "./install-js.ts";
import { places } from "./places.ts";

/** Peers that npm installs, and the packages that they are. */
const PACKAGES: Readonly<Record<string, string>> = {
  "db-ivm": "@tanstack/db-ivm",
  d2ts: "@electric-sql/d2ts",
  sqlite: "better-sqlite3",
  lmdb: "lmdb",
  "classic-level": "classic-level",
};

/** Other runtimes: where their binary is in the package of a platform and in their own, and how they run a program. */
const OTHER_RUNTIMES: Readonly<Record<string, OtherRuntime>> = {
  deno: { binary: "deno", installed: "deno", args: ["run", "-A", "--quiet"] },
  bun: { binary: "bin/bun", installed: "bin/bun.exe", args: ["run"] },
};

interface OtherRuntime {
  readonly binary: string;
  readonly installed: string;
  readonly args: readonly string[];
}

/** Memory that V8 may take, in megabytes: peers need a multiple of what zspine does. */
const HEAP = "--max-old-space-size=8192";

/** Who can take part, and how each is started. */
export class Roster {
  private readonly scratch: string;
  private failureOfJs: string | undefined;
  private failureOfDbsp: string | undefined;
  private readonly excluded: ReadonlySet<string>;

  /**
   * @param scratch A directory for what contestants write.
   * @param excluded Names of those that are not to take part.
   */
  constructor(scratch: string, excluded: readonly string[] = []) {
    this.scratch = scratch;
    this.excluded = new Set(excluded);
  }

  /** Installs whoever takes part in these rows; what fails is told when they are to be started. */
  async install(
    rows: readonly Row[],
    options: { readonly mayBuild: boolean; readonly signal?: AbortSignal },
    print: (line: string) => void,
  ): Promise<void> {
    const names = new Set(
      rows.flatMap(({ contestants }) => contestants).filter((name) => !this.excluded.has(name)),
    );
    if ([...names].some((name) => name in PACKAGES))
      this.failureOfJs = await installJs(print, options.signal);
    if (![...names].some(isDbsp) || builtDbsp() !== undefined) return;
    this.failureOfDbsp = options.mayBuild
      ? await buildDbsp(print, options.signal)
      : "it is not built: a run without --quick builds it";
  }

  /** How a contestant is started for a row; a text that says why it cannot be. */
  start(name: string, row: Row): Start | string {
    if (this.excluded.has(name)) return "left out by --without";
    if (isDbsp(name)) return this.startDbsp(name, row);
    const args = [places.player, playerOf(name), places.workloads, this.scratch];
    const packageName = PACKAGES[name];
    if (packageName !== undefined) {
      if (versionOfPeer(packageName) === undefined)
        return `${packageName} is not installed${this.failureOfJs === undefined ? "" : `: ${this.failureOfJs}`}`;
      return {
        command: process.execPath,
        args: [HEAP, ...args],
        env: { ZSPINE_BENCH_PEERS: places.peersJs },
      };
    }
    const runtime = runtimeOf(name);
    if (runtime === undefined) return { command: process.execPath, args: [HEAP, ...args] };
    const binary = binaryOf(runtime);
    return binary === undefined
      ? `${runtime} is not installed`
      : { command: binary, args: [...OTHER_RUNTIMES[runtime]!.args, ...args] };
  }

  /** What runs whoever takes part, and what they are made of. */
  versions(rows: readonly Row[]): Record<string, string> {
    const names = new Set(rows.flatMap(({ contestants }) => contestants));
    const versions: Record<string, string> = { node: process.version };
    for (const name of names) {
      const version = versionOf(name);
      if (version !== undefined) versions[runtimeOf(name) ?? name.replace("-disk", "")] = version;
    }
    return versions;
  }

  private startDbsp(name: string, { kind, n }: Row): Start | string {
    const command = builtDbsp();
    if (command === undefined) return this.failureOfDbsp ?? "it is not built";
    if (name === "dbsp") return { command, args: [places.workloads] };
    const storage = join(this.scratch, `dbsp-${kind}-${n}`);
    mkdirSync(storage, { recursive: true });
    return { command, args: [places.workloads, storage] };
  }
}

function isDbsp(name: string): boolean {
  return name === "dbsp" || name === "dbsp-disk";
}

/** The name by which a contestant is known to the player. */
function playerOf(name: string): string {
  return runtimeOf(name) === undefined ? name : "zspine";
}

function runtimeOf(name: string): string | undefined {
  const found = /^zspine-(deno|bun)$/.exec(name);
  return found?.[1];
}

function versionOf(name: string): string | undefined {
  if (isDbsp(name)) return DBSP_VERSION;
  const packageName = PACKAGES[name];
  if (packageName !== undefined) return versionOfPeer(packageName);
  const runtime = runtimeOf(name);
  const binary = runtime === undefined ? undefined : binaryOf(runtime);
  if (binary === undefined) return undefined;
  return /\d+\.\d+\.\d+/.exec(
    spawnSync(binary, ["--version"], { encoding: "utf8", timeout: 30_000 }).stdout,
  )?.[0];
}

/** Where npm has put the binary of a runtime: in the package of a platform, or where an install script has moved it. */
function binaryOf(runtime: string): string | undefined {
  const modules = join(places.repository, "node_modules");
  const manifest = join(modules, runtime, "package.json");
  if (!existsSync(manifest)) return undefined;
  const { optionalDependencies = {} } = JSON.parse(readFileSync(manifest, "utf8")) as {
    optionalDependencies?: Record<string, string>;
  };
  const { binary, installed } = OTHER_RUNTIMES[runtime]!;
  const ofPlatforms = Object.keys(optionalDependencies).map((platform) => join(modules, platform, binary));
  return [...ofPlatforms.flatMap((path) => [path, `${path}.exe`]), join(modules, runtime, installed)].find(
    (path) => existsSync(path) && spawnSync(path, ["--version"], { timeout: 30_000 }).status === 0,
  );
}
