import type { Bound, ReadText } from "./bound.ts";

/** The memory of the machine, as Linux tells it; `undefined` elsewhere. */
export function machineBound(readText: ReadText): Bound | undefined {
  const text = readText("/proc/meminfo") ?? "";
  const limitBytes = bytesOf(text, "MemTotal");
  if (limitBytes === undefined || limitBytes === 0) return undefined;
  // What can be had without swapping, which is more than what is free.
  const available = bytesOf(text, "MemAvailable");
  return { limitBytes, usedBytes: available === undefined ? undefined : Math.max(0, limitBytes - available) };
}

function bytesOf(text: string, name: string): number | undefined {
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB\\s*$`, "m").exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
