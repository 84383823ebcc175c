import type { DirectoryHandle, Medium } from "./medium.ts";

/** The origin private file system of the page, and its locks. */
export const browserMedium: Medium = {
  get hasSyncHandles() {
    const { FileSystemFileHandle: handle, navigator } = browser();
    return navigator?.locks !== undefined && handle?.prototype.createSyncAccessHandle !== undefined;
  },
  root: () => browser().navigator!.storage!.getDirectory(),
  lock: (name) =>
    new Promise((resolve, reject) => {
      const held = browser().navigator!.locks!.request(name, { ifAvailable: true }, (lock) => {
        if (lock === null) return resolve(undefined);
        return new Promise<void>((release) => {
          resolve(async () => {
            release();
            await held;
          });
        });
      });
      held.catch(reject);
    }),
  wait: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};

/** What this file uses of a browser. */
interface Browser {
  readonly navigator?: {
    readonly storage?: { getDirectory(): Promise<DirectoryHandle> };
    readonly locks?: {
      request(
        name: string,
        options: { readonly ifAvailable: true },
        hold: (lock: object | null) => Promise<void> | void,
      ): Promise<unknown>;
    };
  };
  readonly FileSystemFileHandle?: { readonly prototype: { readonly createSyncAccessHandle?: unknown } };
}

function browser(): Browser {
  return globalThis as unknown as Browser;
}
