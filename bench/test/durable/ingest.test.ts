import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { measureIngest } from "../../src/durable/ingest.ts";
import { writers, type Writer } from "../../src/durable/writers.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zspine-bench-ingest-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it.each(writers.map((writer) => ({ writer })))(
  "measureIngest() measures $writer.name",
  async ({ writer }) => {
    const { ingestNs, restNs, bytesOnDisk, bytesCompacted } = await measureIngest(
      writer,
      "int",
      2000,
      folder,
    );
    expect(ingestNs).toBeGreaterThan(0);
    expect(restNs).toBeGreaterThan(0);
    expect(bytesOnDisk).toBeGreaterThan(2000 * 4);
    expect(bytesCompacted).toBeGreaterThan(2000 * 4);
  },
);

it("measureIngest() fails when rows are lost", async () => {
  const whole = writers.find(({ name }) => name === "file, 50,000 a commit")!;
  const leaky: Writer = {
    ...whole,
    async open(location, kind) {
      const open = await whole.open(location, kind);
      return { ...open, write: (piece, from, to) => open.write(piece, from, to - 1) };
    },
  };
  await expect(measureIngest(leaky, "int", 100, folder)).rejects.toThrow(
    "file, 50,000 a commit: 99 rows of weight 75 read back, 100 of weight 74 written",
  );
});
