import { quotePath } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { Schema } from "./definition.ts";

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
}

interface Result {
  readonly value?: unknown;
  readonly issues?: readonly Issue[];
}

/** What is called of a zod schema: it needs no import of zod. */
interface RunnableSchema {
  /** The parser itself: what a refinement throws comes through. Its issues have no messages yet. */
  readonly _zod: {
    run(
      payload: { value: unknown; issues: Issue[] },
      context: { readonly async: boolean },
    ): { readonly value: unknown; readonly issues: readonly Issue[] } | Promise<unknown>;
  };
  /**
   * Standard Schema (standardschema.dev): issues have messages. When anything throws it begins anew and gives a
   * promise, which is rejected then.
   */
  readonly "~standard": {
    validate(value: unknown): Result | Promise<unknown>;
  };
}

/**
 * Parses `value` by a schema and gives what the schema puts out.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` with the path and message of the first issue, or when a check is asynchronous;
 *   what a check of the schema throws, as it is.
 */
export function standardParse(schema: Schema, value: unknown, path: readonly PropertyKey[]): unknown {
  const runnable = schema as unknown as RunnableSchema;
  const parsed = run(runnable, value, path);
  if (parsed.issues.length === 0) return parsed.value;
  const described = runnable["~standard"].validate(value);
  // Only for a check that refuses and, asked again, throws.
  if (described instanceof Promise) described.catch(() => undefined);
  const issue = (described instanceof Promise ? undefined : described.issues?.[0]) ?? {
    message: "refused by a check of its schema",
  };
  const at = [...path, ...(issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part))];
  throw new ZspineError("ZSPINE_INVALID_OPTIONS", `${quotePath(at)}: ${issue.message}; nothing was applied`, {
    path: at,
  });
}

function run(
  schema: RunnableSchema,
  value: unknown,
  path: readonly PropertyKey[],
): { readonly value: unknown; readonly issues: readonly Issue[] } {
  let result;
  try {
    result = schema._zod.run({ value, issues: [] }, { async: false });
  } catch (error) {
    if (isAsyncError(error)) throw asynchronous(path, error);
    throw error;
  }
  if (!(result instanceof Promise)) return result;
  result.catch(() => undefined);
  throw asynchronous(path, undefined);
}

/** Tells zod's complaint about a promise by its message: copies of zod have classes of their own. */
function isAsyncError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Encountered Promise during synchronous parse");
}

function asynchronous(path: readonly PropertyKey[], cause: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `${quotePath(path)}: asynchronous checks cannot run here`,
    { path, cause },
  );
}
