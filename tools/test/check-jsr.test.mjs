// @ts-check
import { expect, test } from "vitest";
import { jsrOf } from "../check-jsr.mjs";

test("jsrOf() publishes sources, those of no browser where there are two, and says where imports come from", () => {
  const exports = {
    ".": {
      "@zspine/source": { browser: "./src/index.browser.ts", default: "./src/index.ts" },
      default: "./dist/index.js",
    },
    "./more": { "@zspine/source": "./src/more.ts", default: "./dist/more.js" },
    "./package.json": "./package.json",
  };
  const dependencies = { "@zspine/core": "^1.2.0", fflate: "0.8.3" };
  const found = jsrOf({
    name: "@zspine/x",
    version: "1.2.3",
    license: "MIT",
    exports,
    dependencies,
    peerDependencies: { zod: "^4" },
  });
  expect(found).toMatchObject({
    name: "@zspine/x",
    version: "1.2.3",
    exports: { ".": "./src/index.ts", "./more": "./src/more.ts" },
    imports: { "@zspine/core": "jsr:@zspine/core@^1.2.0", fflate: "npm:fflate@0.8.3", zod: "npm:zod@^4" },
  });
});
