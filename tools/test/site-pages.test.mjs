// @ts-check
import { describe, expect, it } from "vitest";
import { GUIDES } from "../../website/guides.mjs";
import { linkOnSite, pageOf, pageText, REPOSITORY } from "../site/pages.mjs";

/** @param {string} path */
const isThere = (path) => !path.includes("missing");

describe("pageOf()", () => {
  it("gives documents, figures and READMEs their places, and nothing else", () => {
    expect(pageOf("docs/guides/reading.md")).toBe("guides/reading.md");
    expect(pageOf("packages/core/README.md")).toBe("packages/core.md");
    expect(pageOf("docs/figures/spine.svg")).toBe("figures/spine.svg");
    expect(pageOf("packages/core/src/index.ts")).toBeUndefined();
    expect(pageOf("packages/core/CHANGELOG.md")).toBeUndefined();
  });
});

describe("linkOnSite()", () => {
  it("leads from page to page as they lie on the site", () => {
    const from = "docs/guides/reading.md";
    expect(linkOnSite("./schemas.md#time", from, isThere)).toBe("./schemas.md#time");
    expect(linkOnSite("../../packages/store/README.md", from, isThere)).toBe("../packages/store.md");
    expect(linkOnSite("../../README.md", from, isThere)).toBe("../index.md");
  });

  it("leads to the repository for what is no page, and leaves what leads elsewhere", () => {
    const from = "examples/flights/README.md";
    expect(linkOnSite("src/view.ts", from, isThere)).toBe(
      `${REPOSITORY}/blob/main/examples/flights/src/view.ts`,
    );
    for (const link of ["https://nodejs.org/api", "#use", "mailto:a@b.c"])
      expect(linkOnSite(link, from, isThere)).toBe(link);
  });

  it("fails for what the repository does not have", () => {
    expect(() => linkOnSite("./missing.md", "docs/guides/reading.md", isThere)).toThrow(
      "docs/guides/reading.md: links to ./missing.md",
    );
  });
});

describe("pageText()", () => {
  it("tells the title, what it is about and where it comes from, in place of what was told before", () => {
    const text = pageText(
      "---\ntitle: Old\n---\n\n# The `file` backend\n\nIt [keeps](./a.md) *bytes*.\n\n## Use\n",
      "docs/guides/a.md",
    );
    expect(JSON.parse(text.split("\n")[1] ?? "")).toEqual({
      title: "The file backend",
      description: "It keeps bytes.",
      source: "docs/guides/a.md",
    });
    expect(text).not.toContain("Old");
    expect(text).toContain("\n# The `file` backend\n");
  });
});

it("GUIDES names each guide once", () => {
  const names = GUIDES.flatMap(({ guides }) => guides);
  expect(new Set(names).size).toBe(names.length);
});
