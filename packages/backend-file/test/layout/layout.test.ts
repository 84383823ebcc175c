import { describe, expect, it } from "vitest";
import {
  directoryPath,
  hintText,
  parseHint,
  partOfDirectory,
  partOfFile,
  segmentEntry,
  segmentOfEntry,
  valuePath,
} from "../../src/layout/layout.ts";

const paths = [
  ["a", "a~"],
  ["a/b", "a/b~"],
  ["a.", "a.~"],
  ["a./b.", "a.+/b.~"],
  ["con", "con+~"],
  ["con/nul.txt/com1.", "con+/nul+.txt/com1+.~"],
  ["console/aux-1/lpt", "console/aux-1/lpt~"],
] as const;

describe("valuePath()", () => {
  it.each(paths)("spells %s as %s, which no file system takes for something else", (name, path) => {
    expect(valuePath(name).replaceAll("\\", "/")).toBe(path);
  });

  it("is undone by partOfDirectory() and partOfFile()", () => {
    for (const [name, path] of paths) {
      const entries = path.split("/");
      const leaf = entries.pop() ?? "";
      expect([...entries.map(partOfDirectory), partOfFile(leaf)].join("/")).toBe(name);
      expect(directoryPath(name.split("/").slice(0, -1)).replaceAll("\\", "/")).toBe(entries.join("/"));
    }
  });
});

describe("partOfFile() and partOfDirectory()", () => {
  it("tell undefined of what is not spelt as ours", () => {
    for (const entry of ["a", "A~", ".a~", "~", "a~~", "con~", "a+~", "a b~", "a~.bak"]) {
      expect(partOfFile(entry)).toBeUndefined();
    }
    for (const entry of ["a~", "A", ".git", "con", "a.", "a+", "", "lost+found"]) {
      expect(partOfDirectory(entry)).toBeUndefined();
    }
  });
});

describe("segmentOfEntry()", () => {
  it("reads what segmentEntry() spells, in the order of the numbers", () => {
    const numbers = [1, 9, 10, 123_456, Number.MAX_SAFE_INTEGER];
    expect(numbers.map(segmentEntry).map(segmentOfEntry)).toEqual(numbers);
    expect(numbers.map(segmentEntry).sort()).toEqual(numbers.map(segmentEntry));
  });

  it("tells undefined of what is not", () => {
    for (const entry of [
      "1~",
      "0000000000000000~",
      "9999999999999999~",
      "0000000000000001",
      "x000000000000001~",
    ])
      expect(segmentOfEntry(entry)).toBeUndefined();
  });
});

describe("parseHint()", () => {
  it("reads what hintText() says, and 0 of what is torn", () => {
    expect(parseHint(hintText(42))).toBe(42);
    for (const text of ["", "\0", "42\n", hintText(42).slice(0, -1), `${hintText(42)}x`])
      expect(parseHint(text)).toBe(0);
    // Of two that were written over one another, a power cut may leave some of each.
    for (let at = 1; at < 34; at++) {
      const torn = hintText(12).slice(0, at) + hintText(9).slice(at);
      expect([0, 9, 12]).toContain(parseHint(torn));
    }
  });
});
