import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * A process, told from every other as far as the operating system helps: a number of a process is used again, but
 * not with the same time of start, and those start anew with every boot; and it means something only in its PID
 * namespace, of which each container has one. Linux tells all of it; elsewhere `boot`, `namespace` and `start` are
 * missing and the number alone decides.
 */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Names the boot of the machine. */
  readonly boot?: string;
  /** Names the PID namespace in which the number counts. */
  readonly namespace?: string;
  /** When the process started, in ticks of the clock since the boot. */
  readonly start?: string;
}

/**
 * What can be said of an owner from here: `alive`; `ending`, killed but with threads that still finish a system
 * call; `dead`; or `unknown`, for a process on another machine or in another PID namespace, which cannot be seen.
 */
export type Liveness = "alive" | "ending" | "dead" | "unknown";

/** Describes the process that this code runs in. */
export function thisProcess(): Owner {
  const boot = bootId();
  const namespace = pidNamespace();
  const start = readStat(process.pid)?.start;
  return {
    pid: process.pid,
    host: hostname(),
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(start === undefined ? {} : { start }),
  };
}

/** Judges whether an owner still runs. It is dead only when that is certain. */
export function judge(owner: Owner): Liveness {
  if (owner.host !== hostname()) return "unknown";
  const boot = bootId();
  if (owner.boot !== undefined && boot !== undefined && owner.boot !== boot) return "dead";
  const namespace = pidNamespace();
  if (owner.namespace !== undefined && namespace !== undefined && owner.namespace !== namespace)
    return "unknown";
  if (!runs(owner.pid)) return "dead";
  const stat = readStat(owner.pid);
  if (stat === undefined) return "alive";
  if (owner.start !== undefined && stat.start !== owner.start) return "dead";
  return stat.isZombie ? (hasOtherThreads(owner.pid) ? "ending" : "dead") : "alive";
}

/** Reads an owner from the text of a lock; undefined when it is none. */
export function parseOwner(text: string): Owner | undefined {
  let found: Partial<Record<keyof Owner, unknown>> | null;
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return undefined;
  }
  const { pid, host, boot, namespace, start } = found ?? {};
  if (!Number.isSafeInteger(pid) || (pid as number) <= 0 || typeof host !== "string") return undefined;
  return {
    pid: pid as number,
    host,
    ...(typeof boot === "string" ? { boot } : {}),
    ...(typeof namespace === "string" ? { namespace } : {}),
    ...(typeof start === "string" ? { start } : {}),
  };
}

function bootId(): string | undefined {
  return readText("/proc/sys/kernel/random/boot_id")?.trim();
}

/** As `/proc` tells it, such as `pid:[4026531836]`. */
function pidNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user. Whatever else keeps from asking is no proof of death.
    return (error as { code?: unknown }).code !== "ESRCH";
  }
}

/** Fields 3 and 22 of `/proc/<pid>/stat`; the second field is a name that may hold anything, in parentheses. */
function readStat(pid: number): { readonly start: string; readonly isZombie: boolean } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  return start === undefined ? undefined : { start, isZombie: state === "Z" || state === "X" };
}

// A killed process is a zombie until its parent has asked for it; only its first thread is left of it then.
function hasOtherThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
