import type { Bound, ReadText } from "./bound.ts";

const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";

// What v1 says of a group without a limit is the largest whole number of pages; no machine has as much.
const UNLIMITED = 2 ** 60;

/**
 * The bounds of the control groups (cgroups, both versions) that the process is in: of its own and of each above it,
 * for what is used by others in a group above counts there. Groups without a limit, and those that cannot be seen, are
 * left out. Inside a container the paths are those of the host, and only the root of what is mounted is there.
 *
 * A kernel counts the pages that it caches of files; those of them that are inactive are taken off, for it gives them
 * back before it kills.
 */
export function containerBounds(readText: ReadText): Bound[] {
  const { v1, v2 } = pathsOf(readText("/proc/self/cgroup") ?? "");
  const bounds = [
    ...upwards(v2).map((path) => boundOfV2(readText, V2 + path)),
    ...upwards(v1).map((path) => boundOfV1(readText, V1 + path)),
  ];
  return bounds.filter((bound) => bound !== undefined);
}

/** `memory.max` kills and `memory.high` throttles until nothing goes on: the lower one is the limit. */
function boundOfV2(readText: ReadText, folder: string): Bound | undefined {
  const limits = ["memory.max", "memory.high"].map((name) => limitIn(readText(`${folder}/${name}`)));
  return boundOf(readText, folder, limits, "memory.current", "inactive_file");
}

/** The file of the limit may say unlimited, while a group above that cannot be seen sets one. */
function boundOfV1(readText: ReadText, folder: string): Bound | undefined {
  const stat = readText(`${folder}/memory.stat`);
  const limits = [
    limitIn(readText(`${folder}/memory.limit_in_bytes`)),
    limitIn(fieldOf(stat, "hierarchical_memory_limit")),
  ];
  return boundOf(readText, folder, limits, "memory.usage_in_bytes", "total_inactive_file");
}

function boundOf(
  readText: ReadText,
  folder: string,
  limits: readonly (number | undefined)[],
  usage: string,
  inactive: string,
): Bound | undefined {
  const limitBytes = Math.min(...limits.map((limit) => limit ?? Infinity));
  if (limitBytes === Infinity) return undefined;
  const used = amountIn(readText(`${folder}/${usage}`));
  const cached = amountIn(fieldOf(readText(`${folder}/memory.stat`), inactive)) ?? 0;
  return { limitBytes, usedBytes: used === undefined ? undefined : Math.max(0, used - cached) };
}

/** The groups of a process by the version that sees to memory: `0::/path`, or `4:memory:/path`. */
function pathsOf(text: string): { v1: string; v2: string } {
  const paths = { v1: "/", v2: "/" };
  for (const [, controllers = "", path = "/"] of text.matchAll(/^\d+:([^:\n]*):(\/.*)$/gm)) {
    if (controllers === "") paths.v2 = path;
    else if (controllers.split(",").includes("memory")) paths.v1 = path;
  }
  return paths;
}

/** `/a/b` → `/a/b`, `/a`, and the root, which is empty. A group outside of what is mounted, `/../a`, has the root only. */
function upwards(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  if (names.includes("..")) return [""];
  return [...names.map((_, at) => `/${names.slice(0, names.length - at).join("/")}`), ""];
}

function fieldOf(text: string | undefined, name: string): string | undefined {
  return text
    ?.split("\n")
    .find((line) => line.startsWith(`${name} `))
    ?.slice(name.length);
}

function limitIn(text: string | undefined): number | undefined {
  const amount = amountIn(text);
  return amount === undefined || amount === 0 || amount >= UNLIMITED ? undefined : amount;
}

function amountIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}
