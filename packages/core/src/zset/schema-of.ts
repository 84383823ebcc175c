import type { $ZodType } from "zod/v4/core";
import type { Whole } from "../schema/column-writer.ts";

/** A zod 4 schema whose values are of type `T`. */
export type SchemaOf<T> = $ZodType<T>;

/**
 * What a user's function may give where a `T` is stored: the same, read-only throughout. Callers have it as
 * the bound of a `const` type parameter, so that the type is the schema's alone, and tuples and literals in
 * what is given are taken for what they are.
 */
export type Given<T> = T extends Whole ? T : T extends object ? { readonly [P in keyof T]: Given<T[P]> } : T;
