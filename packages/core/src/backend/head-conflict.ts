import { quote } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";

/** Makes the error for a head that is there already, or is not the next one; `found` says which: `the next head is 8`. */
export function headConflict(number: number, found: string): ZspineError {
  return new ZspineError(
    "ZSPINE_CONFLICT",
    `head ${quote(number)} was not created: ${found}; another writer was first, read the newest head again`,
  );
}
