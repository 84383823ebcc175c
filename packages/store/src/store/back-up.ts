import { isZspineError, ZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { decodeHead } from "../head/decode-head.ts";
import { copyHead, type CopyOptions } from "../recovery/copy-head.ts";
import { HeadReader } from "../recovery/head-reader.ts";
import { passedBy } from "../recovery/verify-beside-writer.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import { checkKeeps } from "./backup-options.ts";
import type { Committer, HeldHeads } from "./committer.ts";

/** How often a reader begins with newer heads before it gives up. */
const ATTEMPTS_MAX = 8;

/** What a backup needs of its store. */
interface BackUpSource {
  readonly backend: Backend;
  readonly committer: Committer;
  readonly options: CheckedOptions;
  /** Takes over the newest head, in a store that only reads. */
  readonly refresher: { refresh(): Promise<void> };
}

/** Copies the newest head of an open store, and all that it names, to an empty backend. See `Store.backup`. */
export async function backUp(
  source: BackUpSource,
  to: Backend | BackendOpener,
  options: CopyOptions,
): Promise<void> {
  // Before anything is waited for: what is committed meanwhile is not in the copy.
  const held = source.committer.holdHeads();
  try {
    if (held.heads.length === 0)
      throw new ZspineError("ZSPINE_CONFLICT", "nothing is committed yet; commit first");
    const target = "open" in to ? await to.open() : to;
    try {
      checkKeeps(target, ["backup", "to"]);
      if (source.options.isReadOnly) await copyBesideWriter(source, target, options);
      else await copyHeld(source.backend, held, target, options, new Set());
    } finally {
      if ("open" in to) await target.close();
    }
  } finally {
    held.release();
  }
}

/** @param copied Names of values that are in the target already; those that are copied are added. */
async function copyHeld(
  backend: Backend,
  held: HeldHeads,
  target: Backend,
  options: CopyOptions,
  copied: Set<string>,
): Promise<void> {
  const { bytes, number } = held.heads[0]!;
  const traces = await new HeadReader(backend).dormant(held.traces);
  await copyHead(backend, target, decodeHead(bytes, number), traces, options, copied);
}

/**
 * Copies from a store that another process may be writing to, and removing from. What is missing is not damaged when that has made
 * another head meanwhile: then the store takes it over, and it is copied, but for what was copied before. What is found
 * damaged again is: names do not come back.
 */
async function copyBesideWriter(
  { backend, committer, refresher }: BackUpSource,
  target: Backend,
  options: CopyOptions,
): Promise<void> {
  const copied = new Set<string>();
  const found = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const held = committer.holdHeads();
    try {
      await copyHeld(backend, held, target, options, copied);
      return;
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT") || found.has(error.message)) throw error;
      await refresher.refresh();
      if (committer.kept[0]!.number === held.heads[0]!.number) throw error;
      if (attempt === ATTEMPTS_MAX) throw passedBy("backup()", ATTEMPTS_MAX, error);
      found.add(error.message);
    } finally {
      held.release();
    }
  }
}
