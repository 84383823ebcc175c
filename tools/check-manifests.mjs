// @ts-check
// Manifests: each package tells npm and its users what it is, where it comes from, and what is in it. `--write` fills in
// what follows from the name of its folder.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isMain, packageFolders, report, root } from "./project.mjs";
import { REPOSITORY } from "./site/pages.mjs";

/**
 * What a manifest says of where its package comes from.
 * @param {string} folder
 */
export function originOf(folder) {
  return {
    repository: { type: "git", url: `git+${REPOSITORY}.git`, directory: `packages/${folder}` },
    homepage: `${REPOSITORY}/tree/main/packages/${folder}#readme`,
    bugs: { url: `${REPOSITORY}/issues` },
  };
}

/**
 * The same manifest with what follows from its folder, in the order in which npm documents it.
 * @param {Readonly<Record<string, unknown>>} manifest
 * @param {string} folder
 */
export function completed(manifest, folder) {
  const { name, version, description, keywords, repository: _r, homepage: _h, bugs: _b, ...rest } = manifest;
  const { repository, homepage, bugs } = originOf(folder);
  const publishConfig = { access: "public", provenance: true };
  return { name, version, description, keywords, homepage, bugs, repository, ...rest, publishConfig };
}

/**
 * @param {Readonly<Record<string, any>>} manifest
 * @param {string} folder
 * @param {(path: string) => boolean} isThere whether the package has a file
 * @returns {string[]}
 */
export function checkManifest(manifest, folder, isThere) {
  /** @type {string[]} */
  const errors = [];
  /** @param {boolean} isFine @param {string} error */
  const expect = (isFine, error) => {
    if (!isFine) errors.push(`packages/${folder}/package.json: ${error}`);
  };
  const { description = "", keywords = [], license, engines, files = [] } = manifest;
  expect(/^[A-Z].{20,160}\.$/.test(description), "describe it in one sentence");
  expect(keywords.includes("zspine") && keywords.length >= 4, "name keywords, zspine among them");
  expect(license === "MIT", "the licence is MIT");
  expect(engines?.node === ">=20.19", "engines.node is >=20.19");
  expect(
    files.includes("dist") && files.includes("src"),
    "files are dist, and src, to which source maps lead",
  );
  const wanted = completed(manifest, folder);
  const stale = Object.entries(wanted).filter(
    ([key, value]) => JSON.stringify(manifest[key]) !== JSON.stringify(value),
  );
  for (const [key] of stale)
    expect(false, `${key} is not what it should be; run node tools/check-manifests.mjs --write`);
  for (const file of ["README.md", "LICENSE"]) expect(isThere(file), `there is no ${file}`);
  return errors;
}

if (isMain(import.meta.url)) {
  const errors = packageFolders().flatMap((folder) => {
    const path = `${root}packages/${folder}/package.json`;
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    const isWritten = process.argv.includes("--write");
    if (isWritten) writeFileSync(path, `${JSON.stringify(completed(manifest, folder), null, 2)}\n`);
    return checkManifest(isWritten ? completed(manifest, folder) : manifest, folder, (file) =>
      existsSync(`${root}packages/${folder}/${file}`),
    );
  });
  report("manifests", { errors });
}
