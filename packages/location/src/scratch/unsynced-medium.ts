import type { Medium } from "../medium/medium.ts";

/** A medium that syncs nothing: for what need not outlive the process that writes it. */
export function unsyncedMedium(medium: Medium): Medium {
  const nothing = async (): Promise<void> => undefined;
  return {
    ...medium,
    createFile: (path, bytes) => medium.createFile(path, bytes, false),
    syncFile: nothing,
    syncDirectory: nothing,
    syncAncestors: nothing,
  };
}
