import { ZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { decodeHead } from "../head/decode-head.ts";
import { copyHead, type CopyOptions } from "../recovery/copy-head.ts";
import { HeadReader } from "../recovery/head-reader.ts";
import { checkKeeps } from "./backup-options.ts";
import type { Committer } from "./committer.ts";

/** What a backup needs of its store. */
interface BackUpSource {
  readonly backend: Backend;
  readonly committer: Committer;
}

/** Copies the newest head of an open store, and all that it names, to an empty backend. */
export async function backUp(
  source: BackUpSource,
  to: Backend | BackendOpener,
  options: CopyOptions,
): Promise<void> {
  const { backend, committer } = source;
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
