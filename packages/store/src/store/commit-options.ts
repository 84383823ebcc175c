import { checkOptions, oneOf, SIGNAL, type OptionKinds } from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { copyMetadata, type Metadata } from "../head/metadata.ts";

/** How to commit. */
export interface CommitOptions {
  /** Replaces the store's metadata in the same atomic step; what JSON holds. */
  readonly metadata?: Metadata;
  /** `sync` (the default) survives power loss, `relaxed` a killed process; as far as the backend is durable. */
  readonly durability?: "sync" | "relaxed";
  /** Takes the commit back as long as it has not begun to write. */
  readonly signal?: AbortSignal;
}

const KINDS: OptionKinds = { metadata: ANY, durability: oneOf("sync", "relaxed"), signal: SIGNAL };

/**
 * Gives the options as they were read, once, with a copy of the metadata.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be.
 */
export function checkCommit(options: CommitOptions): CommitOptions {
  const checked = checkOptions(options, "commit", KINDS);
  return checked.metadata === undefined ? checked : { ...checked, metadata: copyMetadata(checked.metadata) };
}
