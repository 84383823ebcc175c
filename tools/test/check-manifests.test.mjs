// @ts-check
import { expect, it } from "vitest";
import { checkManifest, completed } from "../check-manifests.mjs";

const sound = completed(
  {
    name: "@zspine/core",
    version: "1.0.0",
    description: "Z-sets, columns, schemas and batches of zspine.",
    keywords: ["zspine", "a", "b", "c"],
    license: "MIT",
    engines: { node: ">=20.19" },
    files: ["dist", "src"],
  },
  "core",
);

it("checkManifest() takes one that is complete", () => {
  expect(checkManifest(sound, "core", () => true)).toEqual([]);
});

it.each([
  { what: "no sentence", changes: { description: "core" }, error: "describe it in one sentence" },
  { what: "too few keywords", changes: { keywords: ["zspine"] }, error: "name keywords" },
  {
    what: "another folder",
    changes: { homepage: "https://example.org" },
    error: "homepage is not what it should be",
  },
  { what: "no provenance", changes: { publishConfig: { access: "public" } }, error: "publishConfig is not" },
  { what: "no sources", changes: { files: ["dist"] }, error: "files are dist, and src" },
])("checkManifest() refuses one with $what", ({ changes, error }) => {
  const errors = checkManifest({ ...sound, ...changes }, "core", () => true);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain(error);
});

it("checkManifest() asks for the README and the licence", () => {
  expect(checkManifest(sound, "core", (file) => file !== "LICENSE")).toEqual([
    "packages/core/package.json: there is no LICENSE",
  ]);
});
