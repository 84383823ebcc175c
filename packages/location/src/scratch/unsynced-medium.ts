import type { Medium } from "../medium/medium.ts";

/** A medium that syncs nothing: for what need not outlive the process that writes it. */
export function unsyncedMedium(medium: Medium): Medium {
  const nothing = async (): Promise<void> => undefined;
  return {
    ...medium,
    createFile: (path, bytes) => medium.createFile(path, bytes, false),
    async openToWrite(path) {
      const file = await medium.openToWrite(path);
      return {
        write: (bytes, position) => file.write(bytes, position),
        syncData: nothing,
        close: () => file.close(),
      };
    },
    syncFile: nothing,
    syncDirectory: nothing,
    syncAncestors: nothing,
  };
}
