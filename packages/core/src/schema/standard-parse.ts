import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { Schema } from "./definition.ts";

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

/** The part of a zod schema that is Standard Schema (standardschema.dev): it needs no import of zod. */
interface StandardSchema {
  readonly "~standard": {
    validate(
      value: unknown,
    ): { readonly value?: unknown; readonly issues?: readonly Issue[] } | Promise<unknown>;
  };
}

/**
 * Parses `value` by a schema and gives what the schema puts out.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path and message of the first issue.
 */
export function standardParse(schema: Schema, value: unknown, path: readonly PropertyKey[]): unknown {
  const result = (schema as unknown as StandardSchema)["~standard"].validate(value);
  if (result instanceof Promise) {
    throw new ZspineError(
      "ZSPINE_INVALID_OPTIONS",
      `${quotePath(path)}: asynchronous checks cannot run here`,
      { path },
    );
  }
  const issue = result.issues?.[0];
  if (issue === undefined) return result.value;
  const at = [...path, ...(issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part))];
  throw new ZspineError("ZSPINE_INVALID_OPTIONS", `${quotePath(at)}: ${issue.message}; nothing was applied`, {
    path: at,
  });
}
