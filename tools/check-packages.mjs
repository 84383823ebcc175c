// @ts-check
// Packages: what npm would publish of each is complete and resolves for its users (publint, attw). Needs a build.

import { spawnSync } from "node:child_process";
import { isMain, packageFolders, report, root } from "./project.mjs";

// npm packs; nothing here may ask the network.
const env = { ...process.env, npm_config_offline: "true", npm_config_update_notifier: "false" };

const attwArgs = [
  "--pack",
  ".",
  "--profile",
  "esm-only",
  "--no-definitely-typed",
  "--no-emoji",
  "--no-color",
];

/**
 * Runs one tool in a package's folder; an error with its output when it fails.
 * @param {string} folder
 * @param {string} tool
 * @param {readonly string[]} args
 */
function runTool(folder, tool, args) {
  const cwd = `${root}packages/${folder}`;
  const bin = `${root}node_modules/${tool}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    env,
    encoding: "utf8",
  });
  return status === 0 ? [] : [`packages/${folder}:\n${stdout}${stderr}`];
}

/** @param {string} folder */
function checkPackage(folder) {
  return [
    ...runTool(folder, "publint/src/cli.js", ["--strict"]),
    ...runTool(folder, "@arethetypeswrong/cli/dist/index.js", attwArgs),
  ];
}

if (isMain(import.meta.url)) report("packages", { errors: packageFolders().flatMap(checkPackage) });
