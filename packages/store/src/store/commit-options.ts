import { quote, ZspineError } from "@zspine/core";
import type { Metadata } from "../head/metadata.ts";
import { checkNames } from "../options/store-options.ts";

/** How to commit. */
export interface CommitOptions {
  /** Replaces the store's metadata in the same atomic step; what JSON holds. */
  readonly metadata?: Metadata;
  /** `sync` (the default) survives power loss, `relaxed` a killed process; as far as the backend is durable. */
  readonly durability?: "sync" | "relaxed";
  /** Takes the commit back as long as it has not begun to write. */
  readonly signal?: AbortSignal;
}

/** @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be. */
export function checkCommit(options: CommitOptions): void {
  checkNames(options, "commit", ["metadata", "durability", "signal"]);
  const { durability, signal } = options;
  if (
    signal !== undefined &&
    typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== "function"
  ) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `commit.signal: expected an AbortSignal, found ${quote(signal)}`,
      { path: ["commit", "signal"] },
    );
  }
  if (durability === undefined || durability === "sync" || durability === "relaxed") return;
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `commit.durability: expected "sync" or "relaxed", found ${quote(durability)}`,
    {
      path: ["commit", "durability"],
    },
  );
}
