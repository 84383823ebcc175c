import {
  checkOptions,
  FUNCTION,
  refused,
  SIGNAL,
  ZspineError,
  type BackendOpener,
  type OptionKinds,
} from "@zspine/core";
import { OPENER } from "../options/plugin-option.ts";
import { copyHead, type CopyOptions } from "../recovery/copy-head.ts";
import { checkKeeps } from "./backup-options.ts";
// By the one door: so a runtime that loads the package as it is has loaded it when a store is opened.
import { recover } from "./stored-half.ts";

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
