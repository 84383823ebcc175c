// @ts-check
// `npm run check:tarballs`: packs the packages as npm publishes them, and installs them in projects of their own, outside
// of the repository, as a user would: each alone with npm; all of them with npm, pnpm, Bun and Deno, where a program runs
// over memory and files; and compiles that with the oldest TypeScript that is supported and the newest, for Node and for
// bundlers. Needs a build, and the registry for what they depend on.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageFolders, report, root } from "./project.mjs";
import { requireRuntime } from "./runtimes/runtimes.mjs";

const folder = mkdtempSync(join(tmpdir(), "zspine-tarballs-"));
const rootManifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const LIMIT_MS = 240_000;

/** What a user has besides: the versions that the repository has. */
const OTHERS = { zod: "4.6.7" };
/** The oldest that is supported; of the repository's tools it is none, for it would stand in the place of the newest. */
const OLD_TYPESCRIPT = { "typescript-5.4": "npm:typescript@5.4.5" };

/** A program of a user's, in what every runtime reads. */
const PROGRAM = `import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { count, pipeline } from "@zspine/operators";
import { msgpack } from "@zspine/serializer-msgpack";
import { openStore } from "@zspine/store";
import { temporalTrace } from "@zspine/temporal";
import { z } from "zod";

const location = await mkdtemp(join(tmpdir(), "zspine-user-"));
for (const round of [1, 2]) {
  const backend = hybrid({ cold: file({ location }), budgetBytes: 8 * 1024 * 1024 });
  const store = await openStore({ backend, serializer: msgpack() });
  const view = await pipeline(store, {
    inputs: { visits: { key: z.string(), value: z.object({ tags: z.array(z.string()) }) } },
    outputs: ({ visits }) => ({ visitors: visits.aggregate(z.int(), count()) }),
  });
  await view.step({ visits: [{ key: "ann", value: { tags: ["a", String(round)] } }] });
  const seats = await temporalTrace(store, "seats", { key: z.string(), value: z.string(), create: true });
  seats.insert(round, "12A", "ann");
  seats.advance(round + 1);
  await store.commit();
  assert.deepEqual(await view.outputs.visitors.get("ann"), [{ value: round, weight: 1 }]);
  assert.equal((await seats.asOf(round)).now.count().rows, 1);
  await store.close();
}
await rm(location, { recursive: true });
console.log("fine");
`;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {string | undefined} what it said, where it failed
 */
function failureOf(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: LIMIT_MS,
    env: { ...process.env, npm_config_update_notifier: "false", NODE_OPTIONS: "" },
  });
  return status === 0 ? undefined : `${error ?? ""}${stdout}${stderr}`.trim().slice(-2000);
}

/** Packs all packages. @returns {Map<string, { tarball: string, manifest: any }>} by name */
function pack() {
  const packed = new Map();
  for (const name of packageFolders()) {
    const cwd = `${root}packages/${name}`;
    const { stdout, status, stderr } = spawnSync("npm", ["pack", "--json", "--pack-destination", folder], {
      cwd,
      encoding: "utf8",
      timeout: LIMIT_MS,
    });
    if (status !== 0) throw new Error(`packages/${name}: npm pack fails\n${stderr}`);
    const manifest = JSON.parse(readFileSync(`${cwd}/package.json`, "utf8"));
    packed.set(manifest.name, { tarball: join(folder, JSON.parse(stdout)[0].filename), manifest });
  }
  return packed;
}

/**
 * Makes a project.
 * @param {string} name
 * @param {Readonly<Record<string, string>>} dependencies
 * @param {Readonly<Record<string, string>>} tarballs those of all packages: none of them is published yet
 * @returns {string} its folder
 */
function makeProject(name, dependencies, tarballs) {
  const project = join(folder, name);
  mkdirSync(project);
  const manifest = {
    name: "user",
    version: "1.0.0",
    private: true,
    type: "module",
    dependencies,
    overrides: tarballs,
    pnpm: { overrides: tarballs },
  };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  return project;
}

/** What a program imports of a package, but for what needs a package that is optional. @param {any} manifest */
function entriesOf({ name, exports, peerDependenciesMeta = {} }) {
  const isOptional = Object.keys(peerDependenciesMeta).length > 0;
  return Object.keys(exports ?? {})
    .filter((entry) => entry !== "./package.json" && !(isOptional && entry === "./conformance"))
    .map((entry) => name + entry.slice(1));
}

/**
 * @param {ReturnType<typeof pack>} packed
 * @param {Readonly<Record<string, string>>} tarballs
 */
function checkAlone(packed, tarballs) {
  return [...packed].flatMap(([name, { manifest }]) => {
    const peers = Object.entries(manifest.peerDependencies ?? {}).filter(
      ([peer]) => manifest.peerDependenciesMeta?.[peer]?.optional !== true,
    );
    const needed = peers.map(([peer, range]) => [
      peer,
      tarballs[peer] ?? manifest.devDependencies?.[peer] ?? range,
    ]);
    const own = /** @type {string} */ (tarballs[name]);
    const project = makeProject(
      `alone-${name.replaceAll(/\W+/g, "-")}`,
      { [name]: own, ...Object.fromEntries(needed) },
      tarballs,
    );
    const installed = failureOf("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], project);
    if (installed !== undefined) return [`${name} does not install alone with npm\n${installed}`];
    const entries = entriesOf(manifest);
    const imports = entries.map((entry) => `await import(${JSON.stringify(entry)});`).join("\n");
    writeFileSync(join(project, "imports.mjs"), imports);
    const ran = failureOf(process.execPath, ["imports.mjs"], project);
    return ran === undefined ? [] : [`${name}: alone, ${entries.join(", ")} cannot be imported\n${ran}`];
  });
}

/** @param {Readonly<Record<string, string>>} tarballs */
function checkManagers(tarballs) {
  const deno = requireRuntime("deno").path;
  const bun = requireRuntime("bun").path;
  const pnpm = [
    `${root}node_modules/pnpm/bin/pnpm.cjs`,
    "install",
    "--prefer-offline",
    "--no-frozen-lockfile",
  ];
  const npm = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
  /** @type {readonly (readonly [string, string, readonly string[], string, readonly string[]])[]} */
  const managers = [
    ["npm", "npm", npm, process.execPath, ["program.mjs"]],
    ["pnpm", process.execPath, pnpm, process.execPath, ["program.mjs"]],
    ["bun", bun, ["install"], bun, ["program.mjs"]],
    // Deno takes no tarballs, and runs what npm has installed.
    ["deno", "npm", npm, deno, ["run", "-A", "--node-modules-dir=manual", "program.mjs"]],
  ];
  return managers.flatMap(([name, install, args, runtime, runs]) => {
    const others = name === "npm" ? { ...OTHERS, ...OLD_TYPESCRIPT } : OTHERS;
    const project = makeProject(name, { ...tarballs, ...others }, tarballs);
    writeFileSync(join(project, "program.mjs"), PROGRAM);
    const installed = failureOf(install, args, project);
    if (installed !== undefined) return [`${name} does not install all packages\n${installed}`];
    const ran = failureOf(runtime, runs, project);
    return ran === undefined ? [] : [`installed with ${name}, a program fails\n${ran}`];
  });
}

/**
 * Compiles what npm has installed: declarations as well, but those of packages whose peer has unsound ones.
 * @param {ReturnType<typeof pack>} packed
 */
function checkTypes(packed) {
  const project = join(folder, "npm");
  const manifests = [...packed.values()].map(({ manifest }) => manifest);
  const [sound, others] = [false, true].map((has) =>
    manifests.filter((manifest) => hasPeer(manifest) === has),
  );
  writeFileSync(join(project, "program.ts"), PROGRAM + usesOf(sound ?? []));
  writeFileSync(join(project, "adapters.ts"), usesOf(others ?? []));
  return [join(project, "node_modules/typescript-5.4"), `${root}node_modules/typescript`].flatMap(
    (typescript) =>
      ["nodenext", "bundler"].flatMap((resolution) =>
        [["program.ts"], ["--skipLibCheck", "adapters.ts"]].flatMap((what) => {
          const args = [...COMPILER_OPTIONS, "--moduleResolution", resolution, ...what];
          const module = resolution === "nodenext" ? "nodenext" : "esnext";
          const failed = failureOf(
            process.execPath,
            [`${typescript}/bin/tsc`, "--module", module, ...args],
            project,
          );
          return failed === undefined ? [] : [`${typescript}, ${resolution}:\n${failed}`];
        }),
      ),
  );
}

const COMPILER_OPTIONS = [
  ..."--noEmit --strict --exactOptionalPropertyTypes --target es2022 --lib es2023,esnext.disposable".split(
    " ",
  ),
  ..."--types node --typeRoots".split(" "),
  `${root}node_modules/@types`,
];

/** Whether a package stands on another that is neither ours nor zod. @param {any} manifest */
function hasPeer({ peerDependencies = {} }) {
  return Object.keys(peerDependencies).some((name) => name !== "zod" && !name.startsWith("@zspine/"));
}

/** @param {readonly any[]} manifests */
function usesOf(manifests) {
  return manifests
    .flatMap(entriesOf)
    .map((entry, at) => `import * as entry${at} from ${JSON.stringify(entry)};\nvoid entry${at};\n`)
    .join("");
}

/**
 * Takes the template of a backend out of the repository, as who begins with it does, and runs its suites there.
 * @param {Readonly<Record<string, string>>} tarballs
 */
function checkTemplate(tarballs) {
  const project = join(folder, "template");
  const from = `${root}examples/backend-template`;
  cpSync(from, project, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|dist|\.turbo)$/.test(path),
  });
  const manifest = JSON.parse(readFileSync(`${from}/package.json`, "utf8"));
  for (const dependencies of [manifest.dependencies, manifest.devDependencies])
    for (const name of Object.keys(dependencies)) dependencies[name] = tarballs[name] ?? dependencies[name];
  writeFileSync(join(project, "package.json"), JSON.stringify({ ...manifest, overrides: tarballs }));
  for (const args of [
    ["install", "--no-audit", "--no-fund", "--prefer-offline"],
    ["run", "build"],
    ["test"],
  ]) {
    const failed = failureOf("npm", args, project);
    if (failed !== undefined) return [`examples/backend-template: npm ${args.join(" ")} fails\n${failed}`];
  }
  return [];
}

try {
  const packed = pack();
  const tarballs = Object.fromEntries([...packed].map(([name, { tarball }]) => [name, `file:${tarball}`]));
  const errors = [
    ...checkTemplate(tarballs),
    ...checkManagers(tarballs),
    ...checkTypes(packed),
    ...checkAlone(packed, tarballs),
  ];
  report(`tarballs (${packed.size} packages, ${rootManifest.version})`, { errors });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
