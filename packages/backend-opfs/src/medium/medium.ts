/** What this package asks of a browser: directories and files by handle, and locks. A test may replace it. */
export interface Medium {
  /** The directory that all of the origin's are in. Rejects where the page may not store data. */
  root(): Promise<DirectoryHandle>;
  /** Whether files can be read and written at once here: in a dedicated worker they can. */
  readonly hasSyncHandles: boolean;
  /** Takes the lock of a name, which its holder lets go of, or loses with its life; `undefined` when another has it. */
  lock(name: string): Promise<(() => Promise<void>) | undefined>;
  /** Lets some milliseconds pass. */
  wait(delayMs: number): Promise<void>;
}

/** A `FileSystemDirectoryHandle`, as far as it is used. */
export interface DirectoryHandle {
  getDirectoryHandle(name: string, options?: { readonly create?: boolean }): Promise<DirectoryHandle>;
  getFileHandle(name: string, options?: { readonly create?: boolean }): Promise<FileHandle>;
  removeEntry(name: string): Promise<void>;
  keys(): AsyncIterable<string>;
}

/** A `FileSystemFileHandle`. */
export interface FileHandle {
  /** Opens the file for this handle alone: until it is closed nobody else opens it, or removes it. */
  createSyncAccessHandle(): Promise<SyncHandle>;
}

/** A `FileSystemSyncAccessHandle`. Counts are told as the browser tells them, right or wrong. */
export interface SyncHandle {
  read(target: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  getSize(): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
