import { checkOptions, oneOf, SIGNAL, type OptionKinds } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { copyMetadata, type JsonOf, type Metadata } from "../head/metadata.ts";

/** How to commit. */
export interface CommitOptions<M extends object = Metadata> {
  /** Replaces the store's metadata in the same atomic step; what JSON holds. */
  readonly metadata?: (M & JsonOf<M>) | undefined;
  /** `sync` (the default) survives power loss, `relaxed` a killed process; as far as the backend is durable. */
  readonly durability?: "sync" | "relaxed" | undefined;
  /** Takes the commit back as long as it has not begun to write. */
  readonly signal?: AbortSignal | undefined;
}

const KINDS: OptionKinds = { metadata: ANY, durability: oneOf("sync", "relaxed"), signal: SIGNAL };

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
  const checked: CommitOptions = checkOptions(options, "commit", KINDS);
  return checked.metadata === undefined ? checked : { ...checked, metadata: copyMetadata(checked.metadata) };
}

/** @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be. */
export function checkDrop(options: DropOptions): DropOptions {
  return checkOptions(options, "drop", { signal: SIGNAL });
}
