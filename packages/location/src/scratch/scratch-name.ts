import { createHash, randomUUID } from "node:crypto";
import { thisProcess, type Owner } from "../owner/owner.ts";

// The name of a scratch directory says whose it is, so it needs no lock: a directory is made and has its name in one
// step, the name is never used twice, and who is dead stays dead. All of it is `-`-separated, lower case, and 0 where
// the system does not tell it:
//
//  part                 is
//  -------------------  ------------------------------------------------------------------
//  zspine-scratch       what it is
//  <pid>                the number of the process that made it
//  <start>              when that was started, in ticks since the boot
//  <12 hex digits> × 3  digests of the boot, the PID namespace and the host in which the number counts
//  <12 hex digits>      chance, for a process may have many

const PREFIX = "zspine-scratch-";
const NAME =
  /^zspine-scratch-(\d{1,15})-(\d{1,20})-([0-9a-f]{1,12})-([0-9a-f]{1,12})-([0-9a-f]{1,12})-[0-9a-f]{12}$/;
const NOT_TOLD = "0";
/** Stands for what is told, and is not what this process has. */
const ANOTHER = "another";

/** Whether an entry of a directory is a scratch directory. */
export function isScratchEntry(name: string): boolean {
  return NAME.test(name);
}

/** Makes a name for a scratch directory of this process, which is no other's. */
export function newScratchName(): string {
  const { pid, start, boot, namespace, host } = thisProcess();
  const digests = [boot, namespace, host].map(digest);
  return `${PREFIX}${[pid, start ?? NOT_TOLD, ...digests, randomUUID().slice(-12)].join("-")}`;
}

/** Whose a scratch directory is, as `judge` takes it; undefined when the name is none. */
export function ownerOfScratch(name: string): Owner | undefined {
  const [, pid, start, boot, namespace, host] = NAME.exec(name) ?? [];
  if (host === undefined || Number(pid) <= 0) return undefined;
  const own = thisProcess();
  const told = (part: string | undefined, mine: string | undefined): string | undefined =>
    part === NOT_TOLD ? undefined : part === digest(mine) ? mine : ANOTHER;
  const owner = { boot: told(boot, own.boot), namespace: told(namespace, own.namespace) };
  return {
    pid: Number(pid),
    // No host is called so, for the digest of this one's name would be in its place.
    host: told(host, own.host) ?? ANOTHER,
    ...(owner.boot !== undefined && { boot: owner.boot }),
    ...(owner.namespace !== undefined && { namespace: owner.namespace }),
    ...(start !== NOT_TOLD && { start: start as string }),
  };
}

function digest(text: string | undefined): string {
  return text === undefined ? NOT_TOLD : createHash("sha256").update(text).digest("hex").slice(0, 12);
}
