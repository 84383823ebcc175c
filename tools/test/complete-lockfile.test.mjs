// @ts-check
import { expect, test } from "vitest";
import { completeLockfile, missingEntries, platformOf } from "../complete-lockfile.mjs";

test("platformOf() reads the platform from a package's name", () => {
  expect(platformOf("@oxlint/binding-linux-x64-musl")).toEqual({
    cpu: ["x64"],
    libc: ["musl"],
    os: ["linux"],
  });
  expect(platformOf("@turbo/windows-64")).toEqual({ cpu: ["x64"], os: ["win32"] });
  expect(platformOf("@oxlint/binding-android-arm-eabi")).toEqual({ cpu: ["arm"], os: ["android"] });
  expect(platformOf("fsevents")).toBeUndefined();
});

test("completeLockfile() adds what is missing, in order, once", () => {
  const lockfile = {
    packages: {
      "": {},
      "node_modules/@turbo/linux-64": { version: "2.0.0" },
      "node_modules/turbo": {
        version: "2.0.0",
        dev: true,
        optionalDependencies: {
          "@turbo/linux-64": "2.0.0",
          "@turbo/darwin-arm64": "2.0.0",
          fsevents: "1.0.0",
        },
      },
    },
  };
  const completed = completeLockfile(lockfile);
  expect(Object.keys(completed.packages)).toEqual([
    "",
    "node_modules/@turbo/darwin-arm64",
    "node_modules/@turbo/linux-64",
    "node_modules/turbo",
  ]);
  expect(completed.packages["node_modules/@turbo/darwin-arm64"]).toEqual({
    version: "2.0.0",
    cpu: ["arm64"],
    dev: true,
    optional: true,
    os: ["darwin"],
  });
  expect(missingEntries(completed).size).toBe(0);
});
