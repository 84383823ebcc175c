import type { PlaceOptions } from "@zspine/core";

/** Where a backend in files keeps them, and whether it does. */
export interface FileOptions extends PlaceOptions {
  /**
   * A directory that is empty or does not exist, or one that this backend has made. With `keeps: false` any directory
   * but that of a store: each opening makes one of its own in it.
   */
  readonly location: string;
}
