import { describe, expect, it } from "vitest";
import { containerBounds } from "../../src/sense/container.ts";
import { readerOf, within } from "./tree.ts";

const V2 = "/sys/fs/cgroup";
const V1 = "/sys/fs/cgroup/memory";
const UNLIMITED_V1 = "9223372036854771712";

const own = (...lines: string[]) => ({ "/proc/self/cgroup": lines.join("\n") + "\n" });

/** What a tree of files tells, as [limit, used] from the own group upwards. */
const trees: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly bounds: readonly (readonly [number, number | undefined])[];
}[] = [
  { name: "no files at all", files: {}, bounds: [] },
  {
    name: "v2, of a container that sees itself as the root",
    files: {
      ...own("0::/"),
      ...within(V2, { "memory.max": 1000, "memory.high": "max", "memory.current": 300 }),
    },
    bounds: [[1000, 300]],
  },
  {
    name: "v2, with what is cached of files in it",
    files: {
      ...own("0::/"),
      ...within(V2, {
        "memory.max": 1000,
        "memory.current": 900,
        "memory.stat": "anon 100\nfile 800\ninactive_anon 5\ninactive_file 600\nactive_file 200",
      }),
    },
    bounds: [[1000, 300]],
  },
  {
    name: "v2, with memory.high below memory.max",
    files: {
      ...own("0::/"),
      ...within(V2, { "memory.max": 1000, "memory.high": 800, "memory.current": 300 }),
    },
    bounds: [[800, 300]],
  },
  {
    name: "v2, with memory.high alone",
    files: {
      ...own("0::/"),
      ...within(V2, { "memory.max": "max", "memory.high": 800, "memory.current": 300 }),
    },
    bounds: [[800, 300]],
  },
  {
    name: "v2, unlimited",
    files: {
      ...own("0::/a"),
      ...within(`${V2}/a`, { "memory.max": "max", "memory.high": "max", "memory.current": 300 }),
    },
    bounds: [],
  },
  {
    name: "v2, nested, with a limit of each group and one between that has none",
    files: {
      ...own("0::/pod/slice/own"),
      ...within(`${V2}/pod/slice/own`, { "memory.max": 400, "memory.current": 100 }),
      ...within(`${V2}/pod/slice`, { "memory.max": "max", "memory.current": 500 }),
      ...within(`${V2}/pod`, { "memory.max": 1000, "memory.high": 900, "memory.current": 800 }),
    },
    bounds: [
      [400, 100],
      [900, 800],
    ],
  },
  {
    name: "v2, whose path is that of the host",
    files: {
      ...own("0::/docker/1f2e"),
      ...within(V2, { "memory.max": 1000, "memory.current": 300 }),
    },
    bounds: [[1000, 300]],
  },
  {
    name: "v2, outside of what is mounted",
    files: {
      ...own("0::/../../other"),
      ...within(V2, { "memory.max": 1000, "memory.current": 300 }),
    },
    bounds: [[1000, 300]],
  },
  {
    name: "v2, where /proc is not to be read",
    files: within(V2, { "memory.max": 1000, "memory.current": 300 }),
    bounds: [[1000, 300]],
  },
  {
    name: "v2, whose use is not told",
    files: { ...own("0::/"), ...within(V2, { "memory.max": 1000 }) },
    bounds: [[1000, undefined]],
  },
  {
    name: "v1",
    files: {
      ...own("4:memory:/docker/1f2e", "1:name=systemd:/", "0::/"),
      ...within(`${V1}/docker/1f2e`, {
        "memory.limit_in_bytes": 1000,
        "memory.usage_in_bytes": 900,
        "memory.stat": "inactive_file 7\nhierarchical_memory_limit 2000\ntotal_inactive_file 600",
      }),
    },
    bounds: [[1000, 300]],
  },
  {
    name: "v1, with the controllers of two kinds together",
    files: {
      ...own("3:hugetlb,memory:/a"),
      ...within(`${V1}/a`, { "memory.limit_in_bytes": 1000, "memory.usage_in_bytes": 300 }),
    },
    bounds: [[1000, 300]],
  },
  {
    name: "v1, unlimited",
    files: {
      ...own("4:memory:/"),
      ...within(V1, {
        "memory.limit_in_bytes": UNLIMITED_V1,
        "memory.usage_in_bytes": 300,
        "memory.stat": `hierarchical_memory_limit ${UNLIMITED_V1}`,
      }),
    },
    bounds: [],
  },
  {
    name: "v1, unlimited by its file, and limited by a group that cannot be seen",
    files: {
      ...own("4:memory:/"),
      ...within(V1, {
        "memory.limit_in_bytes": UNLIMITED_V1,
        "memory.usage_in_bytes": 300,
        "memory.stat": "hierarchical_memory_limit 500\ntotal_inactive_file 100",
      }),
    },
    bounds: [[500, 200]],
  },
  {
    name: "v2, that caches more than it is said to use",
    files: {
      ...own("0::/"),
      ...within(V2, { "memory.max": 1000, "memory.current": 300, "memory.stat": "inactive_file 400" }),
    },
    bounds: [[1000, 0]],
  },
  {
    name: "garbage",
    files: {
      "/proc/self/cgroup": "\0\n::::\n0::\nnot a line\n99:memory:relative",
      ...within(V2, { "memory.max": "-1", "memory.high": "12 MiB", "memory.current": "NaN" }),
      ...within(V1, { "memory.limit_in_bytes": "", "memory.stat": "hierarchical_memory_limit many" }),
    },
    bounds: [],
  },
  {
    name: "garbage beside a limit",
    files: {
      ...own("0::/"),
      ...within(V2, { "memory.max": 1000, "memory.high": 0, "memory.current": "0x10", "memory.stat": "\0" }),
    },
    bounds: [[1000, undefined]],
  },
];

describe("containerBounds()", () => {
  it.each(trees)("R1 tells the limits and the use of $name", ({ files, bounds }) => {
    const found = containerBounds(readerOf(files));
    expect(found.map(({ limitBytes, usedBytes }) => [limitBytes, usedBytes])).toEqual(bounds);
  });
});
