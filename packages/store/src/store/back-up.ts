import {
  checkOptions,
  FUNCTION,
  refused,
  SIGNAL,
  ZspineError,
  type Backend,
  type BackendOpener,
  type OptionKinds,
} from "@zspine/core";
import { decodeHead } from "../head/head.ts";
import { isBackend, OPENER, refusedPlugin } from "../options/plugin-option.ts";
import { copyHead, type CopyOptions } from "../recovery/copy-head.ts";
import { HeadReader } from "../recovery/head-reader.ts";
import { recover } from "../recovery/recover.ts";
import type { Committer } from "./committer.ts";
import { checkWork } from "./work-options.ts";

/** What a backup needs of its store. */
export interface BackUpSource {
  readonly backend: Backend;
  readonly committer: Committer;
}

/**
 * Gives the options as they were read, once.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for a target that is no backend, or an option that cannot be.
 */
export function checkBackup(to: Backend | BackendOpener, options: CopyOptions): CopyOptions {
  if (!isBackend(to)) throw refusedPlugin(["backup", "to"], "backend", to);
  return checkWork(options, "backup");
}

/** Copies the newest head of an open store, and all that it names, to an empty backend. */
export async function backUp(
  source: BackUpSource,
  to: Backend | BackendOpener,
  options: CopyOptions,
): Promise<void> {
  const { backend, committer } = source;
  if (!backend.capabilities.durable) {
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `the backend ${JSON.stringify(backend.type)} is not durable, and there is no store in it to copy; ` +
        "insert the rows into a store over the other backend",
    );
  }
  const held = committer.holdHeads();
  try {
    const [newest] = held.heads;
    if (newest === undefined)
      throw new ZspineError("ZSPINE_CONFLICT", "nothing is committed yet; commit first");
    const head = decodeHead(newest.bytes, newest.number);
    const traces = await new HeadReader(backend).dormant(held.traces);
    const target = "open" in to ? await to.open() : to;
    try {
      checkKeeps(target, ["backup", "to"]);
      await copyHead(backend, target, head, traces, options);
    } finally {
      if ("open" in to) await target.close();
    }
  } finally {
    held.release();
  }
}

/** A copy that goes when its backend is closed is none. */
function checkKeeps({ type, capabilities }: Backend, path: readonly string[]): void {
  if (capabilities.durable) return;
  throw refused(path, "a durable backend", type, "what is copied there is gone when it is closed");
}

/** How to restore a store. */
export interface RestoreOptions extends CopyOptions {
  /** Where the backup is. It is only read. */
  readonly from: BackendOpener;
  /** Where the store is to be: a location without a store. */
  readonly to: BackendOpener;
}

const RESTORE: OptionKinds = { from: OPENER, to: OPENER, signal: SIGNAL, onProgress: FUNCTION };

function checkRestore(options: RestoreOptions): RestoreOptions {
  const checked = checkOptions(options, "restoreStore", RESTORE);
  for (const name of ["from", "to"] as const)
    if (checked[name] === undefined) throw refused(["restoreStore", name], OPENER.expected, undefined);
  return checked;
}

/**
 * Copies a store that nobody has open from one backend to another, of the same kind or not, checking it on the
 * way: to restore a backup, or to move from one kind of backend to another.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS`; as `store.backup`, and as opening either backend.
 */
export async function restoreStore(given: RestoreOptions): Promise<void> {
  const { from, to, ...options } = checkRestore(given);
  const source = await from.open({ readOnly: true });
  try {
    const { head, traces } = await recover(source, { isReadOnly: true, recover: "never" });
    if (head === undefined) {
      throw new ZspineError(
        "ZSPINE_FORMAT",
        `there is no store in the backend ${JSON.stringify(from.type)} to restore`,
      );
    }
    const target = await to.open();
    try {
      checkKeeps(target, ["restoreStore", "to"]);
      await copyHead(source, target, head, traces, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
