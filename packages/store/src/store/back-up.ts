import { ZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { decodeHead } from "../head/decode-head.ts";
import { copyBesideWriter, type CopySource, type HeadToCopy } from "../recovery/copy-beside-writer.ts";
import { copyHead, type CopyOptions } from "../recovery/copy-head.ts";
import { HeadReader } from "../recovery/head-reader.ts";
import type { CheckedOptions } from "../options/store-options.ts";
import { checkKeeps } from "./backup-options.ts";
import type { Committer, HeldHeads } from "./committer.ts";

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
      if (source.options.isReadOnly) await copyRead(source, target, options);
      else await copyHeld(source.backend, held, target, options);
    } finally {
      if ("open" in to) await target.close();
    }
  } finally {
    held.release();
  }
}

/** Copies the head of a store that writes, which nothing is removed of as long as it is held. */
async function copyHeld(
  backend: Backend,
  held: HeldHeads,
  target: Backend,
  options: CopyOptions,
): Promise<void> {
  const { head, traces } = headOf(backend, held);
  await copyHead(backend, target, head, await traces(), options);
}

/** Copies what a store that only reads takes over as the newest, where its writer removes what it knows. */
async function copyRead(
  { backend, committer, refresher }: BackUpSource,
  target: Backend,
  options: CopyOptions,
): Promise<void> {
  let held = committer.holdHeads();
  try {
    const source: CopySource = {
      backend,
      what: "backup()",
      known: () => headOf(backend, held),
      async refresh() {
        await refresher.refresh();
        held.release();
        held = committer.holdHeads();
      },
    };
    await copyBesideWriter(source, target, options);
  } finally {
    held.release();
  }
}

function headOf(backend: Backend, { heads, traces }: HeldHeads): HeadToCopy {
  const { bytes, number } = heads[0]!;
  return { head: decodeHead(bytes, number), traces: () => new HeadReader(backend).dormant(traces) };
}
