// @ts-check
import { expect, test } from "vitest";
import { packagesWithoutFeature, withPart } from "../check-pages.mjs";
import { capabilityTable, sizeOf } from "../pages/capability-table.mjs";
import { errorCodesOf, errorTable } from "../pages/error-table.mjs";

const SOURCE = `export type ZspineErrorCode =
  /**
   * When: it is used
   * after close.
   * Do: open it; see the guide \`committing#again\`.
   */
  | "ZSPINE_CLOSED";
`;

test("withPart() puts a part between its marks, in the place of what was there", () => {
  const page = "a\n<!-- generated: x -->\nold\n<!-- /generated -->\nb";
  expect(withPart(page, "x", "new")).toBe("a\n<!-- generated: x -->\n\nnew\n\n<!-- /generated -->\nb");
  expect(() => withPart("a", "x", "new")).toThrow("<!-- generated: x -->");
});

test("packagesWithoutFeature() names what no runtime is asked about", () => {
  expect(packagesWithoutFeature(["map", "backend-paper"])).toEqual(["backend-paper"]);
});

test("errorTable() has when and what to do of each code, with links to guides", () => {
  expect(errorTable(SOURCE)).toContain(
    "| `ZSPINE_CLOSED` | it is used after close | open it; see the [guide](./committing.md#again) |",
  );
});

test("errorCodesOf() refuses a code of which nothing is said, and a module without codes", () => {
  expect(() => errorCodesOf(`${SOURCE.slice(0, -2)}\n  | "ZSPINE_NEW";`)).toThrow("ZSPINE_NEW: expected");
  expect(() => errorCodesOf("")).toThrow("declares no ZspineErrorCode");
});

test("capabilityTable() has a column for each backend, and for what it is elsewhere", async () => {
  const constant = (/** @type {string} */ name) =>
    `export const ${name} = { durable: true, syncReads: ${name === "capabilities"}, shared: false, maxValueBytes: 2 ** 26, preferredValueBytes: 2 ** 16 };`;
  const text = `import type { Capabilities } from "x";\n${constant("capabilities")}\n${constant("capabilitiesInBrowser")}`;
  const table = await capabilityTable(new Map([["packages/backend-a/test/capabilities.ts", text]]));
  expect(table).toContain("| `backend-a` | `backend-a`, in browser |");
  expect(table).toContain("| reads at once | yes | no |");
  expect(table).toContain("| largest value | 64 MiB | 64 MiB |");
});

test("sizeOf() writes a size in the largest unit that is whole", () => {
  expect([sizeOf(1000), sizeOf(65_536), sizeOf(2 ** 30)]).toEqual(["1000 B", "64 KiB", "1 GiB"]);
});
