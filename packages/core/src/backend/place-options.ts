import { BOOLEAN, type OptionKind, type OptionKinds } from "../input/options.ts";
import { refused } from "../input/refused.ts";
import { requireOptions, text } from "../input/required-options.ts";
import { ZspineError } from "../error/zspine-error.ts";
import type { OpenOptions } from "./backend.ts";

/** Where a backend over a disk has its bytes, and whether it keeps them. */
export interface PlaceOptions {
  /** The place: what it is depends on the backend. */
  readonly location: string;
  /**
   * Whether what is written outlives its handle; by default true. With `false` it is **scratch**: each opening begins
   * with nothing in a directory of its own within `location`, syncs nothing, and removes the directory when it is
   * closed. What a killed process has left is removed by the next opening in the same location.
   */
  readonly keeps?: boolean | undefined;
  /** Whether scratch may lie in a file system that is memory itself, such as a tmpfs; by default that is refused. */
  readonly mayBeInMemory?: boolean | undefined;
}

const KEEPS: OptionKind = {
  ...BOOLEAN,
  advise: () => "write keeps: false for scratch that is removed when it is closed, and else leave it out",
};

const OTHERS: OptionKinds = { keeps: KEEPS, mayBeInMemory: BOOLEAN };

/**
 * Checks the options of a backend over a disk.
 *
 * @param type The name of the kind of backend: `file`.
 * @param expected What its location is, for messages: `the path of a directory`.
 * @throws `ZSPINE_INVALID_OPTIONS` with the path, also where `location` is left out.
 */
export function checkPlace<O extends PlaceOptions>(
  options: O | undefined,
  type: string,
  expected: string,
): O {
  const checked = requireOptions(options, type, { location: text(expected) }, OTHERS);
  if (checked.mayBeInMemory !== undefined && checked.keeps !== false) {
    const advice = "leave it out, for what is kept may lie where you like; or write keeps: false too";
    throw refused([type, "mayBeInMemory"], "it beside keeps: false only", checked.mayBeInMemory, advice);
  }
  return checked;
}

/** Makes the error for scratch that is to be opened to be read only: there is nothing in it yet. */
export function refuseToRead(type: string): ZspineError {
  const advice = `it has nothing in it when it is opened; leave readOnly out, or keeps: false, to read what ${type}() keeps`;
  return refused([type, "keeps"], "a place that is kept, to open it with readOnly", false, advice);
}

/**
 * Checks how a backend is to be opened beside its writer.
 *
 * @param takesGuests Whether this kind of backend does.
 * @throws `ZSPINE_NOT_SUPPORTED`, determinate, for `guest: true` where it does not; `ZSPINE_INVALID_OPTIONS` beside `readOnly`.
 */
export function checkGuest(type: string, options: OpenOptions | undefined, takesGuests: boolean): void {
  if (options?.guest !== true) return;
  if (!takesGuests) {
    throw new ZspineError(
      "ZSPINE_NOT_SUPPORTED",
      `${type}() cannot be opened as a guest: one process at a time has what it keeps; take a backend that several share, such as file({ location }) of @zspine/backend-file`,
    );
  }
  if (options.readOnly !== true) return;
  throw refused([type, "readOnly"], "guest or readOnly, not both", true, "a guest writes; leave out either");
}
