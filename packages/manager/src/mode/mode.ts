import { quote, refused, ZspineError } from "@zspine/core";

/**
 * Where the rows of a store lie, by name: `"memory"`; the type of a backend, `"file"`; `"hybrid"`, over the first of the
 * backends; or `"hybrid:level"`, over another.
 */
export type Mode = string;

/** A mode taken apart. */
export interface Residence {
  /** The type of the backend that its rows lie in, or `memory`. */
  readonly backend: string;
  /** Whether the budget decides what of them stays in memory. */
  readonly isHybrid: boolean;
}

export const MEMORY = "memory";
export const HYBRID = "hybrid";

/** All modes over the given types of backends, of which `hybrid` takes the first. */
export function modesOver(types: readonly string[]): Mode[] {
  const hybrids = types.map((type, at) => (at === 0 ? HYBRID : `${HYBRID}:${type}`));
  return [MEMORY, ...types, ...hybrids];
}

/** @throws `ZSPINE_INVALID_OPTIONS` for what is none of {@link modesOver}. */
export function residenceOf(mode: unknown, types: readonly string[], path: readonly string[]): Residence {
  const modes = modesOver(types);
  const first = types[0];
  const name = first !== undefined && mode === `${HYBRID}:${first}` ? HYBRID : mode;
  if (typeof name !== "string" || !modes.includes(name)) {
    const expected = `a mode, one of ${modes.map((known) => quote(known)).join(", ")}`;
    throw refused(path, expected, mode, "each backend in the option backends adds its own");
  }
  if (!name.startsWith(HYBRID)) return { backend: name, isHybrid: false };
  return { backend: name === HYBRID ? first! : name.slice(HYBRID.length + 1), isHybrid: true };
}

/** The name of a mode. */
export function modeOf({ backend, isHybrid }: Residence, types: readonly string[]): Mode {
  if (!isHybrid) return backend;
  return backend === types[0] ? HYBRID : `${HYBRID}:${backend}`;
}

const NAME = /^[A-Za-z0-9](?:[\w-]|\.(?=[\w-]))*$/;
const NAME_LENGTH_MAX = 100;

/** @throws `ZSPINE_INVALID_OPTIONS` for what cannot be a part of a directory's name on every system. */
export function checkName(name: unknown, what: string): asserts name is string {
  if (typeof name === "string" && name.length <= NAME_LENGTH_MAX && NAME.test(name)) return;
  const expected = `the name of a store: 1 to ${NAME_LENGTH_MAX} letters, digits, "_", "-", and "." between them`;
  throw refused([what, "name"], expected, name);
}

/** The error for a name that no store has. */
export function unknownStore(name: string, known: readonly string[]): ZspineError {
  const list = known.length === 0 ? "none" : known.map((one) => quote(one)).join(", ");
  return new ZspineError(
    "ZSPINE_UNKNOWN_NAME",
    `there is no store ${quote(name)}; there are: ${list}; make one with create(${quote(name)}, { mode: … }). One in ` +
      "memory went with the process that had it",
  );
}
