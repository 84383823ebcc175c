import { BOOLEAN, checkOptions, refused, type OptionKinds, type Schema } from "@zspine/core";
import { ANY } from "@zspine/core/engine";

/** What a trace holds. */
export interface TraceOptions<K extends Schema, V extends Schema> {
  /** Schema of the keys: what rows are ordered and found by. */
  readonly key: K;
  /** Schema of the values. */
  readonly value: V;
  /** Whether every row is also parsed by the schemas, refinements and all; off by default, for it is slow. */
  readonly validate?: boolean | undefined;
  /**
   * Whether to create the trace where there is none of the name: `true` does, `false` refuses. Left out, it is
   * created in a store that held no traces when it was opened; in one that did, a name that is not there is refused,
   * for it may be mistyped.
   */
  readonly create?: boolean | undefined;
}

const KINDS: OptionKinds = { key: ANY, value: ANY, validate: BOOLEAN, create: BOOLEAN };

/**
 * Gives the options as they were read, once; the schemas are checked as they are read.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the option that cannot be.
 */
export function checkTrace(options: TraceOptions<Schema, Schema>): TraceOptions<Schema, Schema> {
  if ((options as { _zod?: unknown } | null)?._zod !== undefined) {
    const advice = "write store.trace(name, { key: z.…, value: z.object({ … }) })";
    throw refused(["trace"], "the schemas of keys and values, { key: …, value: … }", options, advice);
  }
  const checked = checkOptions(options, "trace", KINDS);
  for (const name of ["key", "value"] as const) {
    if (checked[name] !== undefined) continue;
    const advice = name === "value" ? "for a trace of keys only write value: z.undefined()" : "";
    throw refused([name], "a zod schema, such as z.int32()", undefined, advice);
  }
  return checked;
}
