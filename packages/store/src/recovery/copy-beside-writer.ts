import { isZspineError, type Backend } from "@zspine/core";
import type { Head } from "../head/head.ts";
import { copyHead, type CopyOptions } from "./copy-head.ts";
import type { DormantTrace } from "./dormant-trace.ts";
import { ATTEMPTS_MAX, passedBy } from "./passed-by.ts";

/** What a head names, once it is found. */
export interface HeadToCopy {
  readonly head: Head;
  /** @throws (rejects with) `ZSPINE_CORRUPT` for what is damaged or missing. */
  traces(): Promise<readonly DormantTrace[]>;
}

/** What is copied of a store that another process may be writing to. */
export interface CopySource {
  readonly backend: Backend;
  /** What is given up, as errors tell it: `backup()`. */
  readonly what: string;
  /** Gives the head that is known as the newest. */
  known(): HeadToCopy;
  /** Makes the newest head there is the one that is known. */
  refresh(): Promise<void>;
}

/**
 * Copies the newest head of a store that another process may be writing to, and removing from, and all that it names, to an
 * empty backend. What is missing is not damaged when that has made another head meanwhile: then that is copied, but for what
 * was copied before. What is found damaged again is: names do not come back.
 *
 * @throws (rejects with) `ZSPINE_TIME_PASSED` when the writer was ahead of all attempts; as `copyHead`.
 */
export async function copyBesideWriter(
  source: CopySource,
  target: Backend,
  options: CopyOptions,
): Promise<void> {
  const copied = new Set<string>();
  const found = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const { head, traces } = source.known();
    try {
      await copyHead(source.backend, target, head, await traces(), options, copied);
      return;
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_CORRUPT") || found.has(error.message)) throw error;
      await source.refresh();
      if (source.known().head.number === head.number) throw error;
      if (attempt === ATTEMPTS_MAX) throw passedBy(source.what, error);
      found.add(error.message);
    }
  }
}
