import { refused, ZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { isBackend, refusedPlugin } from "../options/plugin-option.ts";
import type { CopyOptions } from "../recovery/copy-head.ts";
import { checkWork } from "./work-options.ts";

/**
 * Gives the options as they were read, once.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for a target that is no backend, or an option that cannot be.
 */
export function checkBackup(to: Backend | BackendOpener, options: CopyOptions): CopyOptions {
  if (!isBackend(to)) throw refusedPlugin(["backup", "to"], "backend", to);
  return checkWork(options, "backup");
}

/** @throws `ZSPINE_NOT_SUPPORTED` for a store of which nothing is stored. */
export function checkStored({ type, capabilities }: Backend): void {
  if (capabilities.durable) return;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `the backend ${JSON.stringify(type)} is not durable, and there is no store in it to copy; ` +
      "insert the rows into a store over the other backend",
  );
}

/** A copy that goes when its backend is closed is none. */
export function checkKeeps({ type, capabilities }: Backend, path: readonly string[]): void {
  if (capabilities.durable) return;
  throw refused(path, "a durable backend", type, "what is copied there is gone when it is closed");
}
