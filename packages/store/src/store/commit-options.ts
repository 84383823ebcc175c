import { checkOptions, oneOf, SIGNAL, type OptionKind, type OptionKinds } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { checkName } from "./trace-table.ts";
import { copyMetadata, type JsonOf, type Metadata } from "../head/metadata.ts";

/** How to commit. */
export interface CommitOptions<M extends object = Metadata> {
  /** Replaces the store's metadata in the same atomic step; what JSON holds. */
  readonly metadata?: (M & JsonOf<M>) | undefined;
  /** `sync` (the default) survives power loss, `relaxed` a killed process; as far as the backend is durable. */
  readonly durability?: "sync" | "relaxed" | undefined;
  /** Names of traces that are dropped, with all their rows, in the same atomic step; each once. */
  readonly drops?: readonly string[] | undefined;
  /** Takes the commit back as long as it has not begun to write. */
  readonly signal?: AbortSignal | undefined;
}

const NAMES: OptionKind = {
  expected: "an array of names, each once",
  accepts: (value) => Array.isArray(value) && new Set(value).size === value.length,
};

const KINDS: OptionKinds = {
  metadata: ANY,
  durability: oneOf("sync", "relaxed"),
  drops: NAMES,
  signal: SIGNAL,
};

/** How to drop a trace. */
export interface DropOptions {
  /** Takes the drop back as long as it has not begun to write. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives the options as they were read, once, with a copy of the metadata.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be.
 */
export function checkCommit(options: object): CommitOptions {
  const { drops, metadata, ...checked }: CommitOptions = checkOptions(options, "commit", KINDS);
  // The caller's array may change before the turn of the commit comes.
  for (const name of drops ?? []) checkName(name);
  return {
    ...checked,
    drops: drops === undefined ? undefined : [...drops],
    metadata: metadata === undefined ? undefined : copyMetadata(metadata),
  };
}

/** @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be. */
export function checkDrop(options: DropOptions): DropOptions {
  return checkOptions(options, "drop", { signal: SIGNAL });
}
