import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  numberWithin,
  oneOf,
  refused,
  type OptionKinds,
} from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { checkParts, IMPORT_KINDS, type ImportOptions } from "../import/import-options.ts";
import { checkFields, type LineOptions, type LineRow } from "./line-format.ts";

/** How lines are read as rows. */
export interface ImportNdjsonOptions extends LineOptions, ImportOptions {
  /** Whether a line with a field that no part of a row has is refused, as is the default, or the field passed over. */
  readonly unknown?: "refuse" | "ignore" | undefined;
  /**
   * Makes the row of a line, in place of `fields` and `flat`: of what JSON holds, values as the schemas have them, and
   * `undefined` for a line that is left out.
   */
  readonly row?: ((line: unknown, number: number) => LineRow | undefined) | undefined;
  /** Bytes, or units of text, that a line may have; 64 MiB by default. */
  readonly longestLine?: number | undefined;
}

const NDJSON_KINDS: OptionKinds = {
  ...IMPORT_KINDS,
  fields: ANY,
  flat: BOOLEAN,
  unknown: oneOf("refuse", "ignore"),
  row: FUNCTION,
  longestLine: numberWithin(1, 2 ** 30, true),
};

/** Gives the options as they were read, once. @throws `ZSPINE_INVALID_OPTIONS`. */
export function checkImportNdjson(given: ImportNdjsonOptions): ImportNdjsonOptions {
  const options = checkOptions(given, "importNdjson", NDJSON_KINDS);
  checkParts(options, "importNdjson");
  checkFields(options.fields);
  if (options.row !== undefined)
    for (const name of ["fields", "flat", "unknown"] as const)
      if (options[name] !== undefined)
        throw refused(["importNdjson", name], "nothing, for row makes the row", options[name]);
  return options;
}
