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
import { OPENER } from "../options/plugin-option.ts";
import { copyBesideWriter, type CopySource, type HeadToCopy } from "../recovery/copy-beside-writer.ts";
import type { CopyOptions } from "../recovery/copy-head.ts";
import type { DormantTrace } from "../recovery/dormant-trace.ts";
import { checkKeeps } from "./backup-options.ts";
// By the one door: so a runtime that loads the package as it is has loaded it when a store is opened.
import { recoverBesideWriter } from "./stored-half.ts";

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
 * Copies a store from one backend to another, of the same kind or not, checking it on the way: to restore a backup, or to move
 * from one kind of backend to another. Over files and object storage another process may be writing to the store that is
 * copied: what it commits meanwhile is not in the copy, but where it removes what is being copied, the newest commit by then is.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS`; `ZSPINE_FORMAT` when there is no store to copy; `ZSPINE_CONFLICT` when the
 *   target holds one already; `ZSPINE_CORRUPT`, and nothing is there then to be opened; `ZSPINE_TIME_PASSED`, likewise, when a
 *   writer of what is copied was ahead eight times over; `ZSPINE_ABORTED`; as opening either backend, and what they fail with.
 */
export async function restoreStore(given: RestoreOptions): Promise<void> {
  const { from, to, ...options } = checkRestore(given);
  const backend = await from.open({ readOnly: true });
  try {
    const source = await findSource(backend);
    const target = await to.open();
    try {
      checkKeeps(target, ["restoreStore", "to"]);
      await copyBesideWriter(source, target, options);
    } finally {
      await target.close();
    }
  } finally {
    await backend.close();
  }
}

/** Finds the newest head of a store that nobody here has open. */
async function findSource(backend: Backend): Promise<CopySource> {
  const find = async (known?: readonly DormantTrace[]): Promise<HeadToCopy> => {
    const how = { isReadOnly: true, recover: "never" } as const;
    const { head, traces } = await recoverBesideWriter(backend, how, known);
    if (head !== undefined) return { head, traces: () => Promise.resolve(traces) };
    throw new ZspineError(
      "ZSPINE_FORMAT",
      `there is no store in the backend ${JSON.stringify(backend.type)} to restore`,
    );
  };
  let newest = await find();
  return {
    backend,
    what: "restoreStore()",
    known: () => newest,
    async refresh() {
      newest = await find(await newest.traces());
    },
  };
}
