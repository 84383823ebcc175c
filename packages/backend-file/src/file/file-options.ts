/** Where a backend in files keeps them. */
export interface FileOptions {
  /** A directory that is empty or does not exist, or one that this backend has made. */
  readonly location: string;
}
