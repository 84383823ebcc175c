import {
  checkOptions,
  FUNCTION,
  numberWithin,
  refused,
  SIGNAL,
  text,
  withMethods,
  ZspineError,
  type BackendOpener,
  type BackendPlugin,
  type OptionKind,
  type OptionKinds,
  type Registry,
} from "@zspine/core";
import { createBudget, type Budget, type BudgetOptions } from "@zspine/backend-hybrid";
import type { CopyOptions, StoreOptions, WaitOptions } from "@zspine/store";
import { HYBRID, MEMORY, type Mode } from "../mode/mode.ts";

/** A plugin that keeps what it is given at a `location`, as `file` and `level` do, or its name for `registry`. */
export type LocatedBackend = BackendPlugin<{ readonly location: string }> | string;

/** What a manager is made of. */
export interface StorageManagerOptions {
  /** What all of its stores may keep in memory: a budget, or what one is made of; by default `{ bytes: "auto" }`. */
  readonly budget?: Budget | BudgetOptions | undefined;
  /**
   * The backends that stores may lie in, durable ones. The first keeps the catalog, so leave it the first. Without any there
   * is only the mode `memory`, and nothing to remember.
   */
  readonly backends?: readonly LocatedBackend[] | undefined;
  /**
   * Where the backends keep everything: a directory, or in a browser what the names of databases begin with. One manager at
   * a time.
   */
  readonly location?: string | undefined;
  /** Finds backends by name; and what `store` names. */
  readonly registry?: Registry | undefined;
  /** How each store is opened, besides its backend. */
  readonly store?: Omit<StoreOptions, "backend" | "readOnly" | "registry"> | undefined;
}

/** In which mode a store is made. */
export interface CreateOptions {
  readonly mode: Mode;
}

/** How a store is moved. */
export type SwitchOptions = CopyOptions;

/** How much maintenance is done in a call. */
export interface MaintainOptions extends WaitOptions {
  /** Slices of merging to wait for, each of a few milliseconds; 1–1,000,000, by default 16. */
  readonly slices?: number | undefined;
}

/** Options with their defaults filled in. */
export interface CheckedManagerOptions {
  readonly budget: Budget;
  /** In the order in which they were given. */
  readonly types: readonly string[];
  readonly store: NonNullable<StorageManagerOptions["store"]> & Pick<StoreOptions, "registry">;
  /** A place of a backend. @throws `ZSPINE_UNKNOWN_NAME` for a type that was not given. */
  opener(type: string, place: string): BackendOpener;
}

const OURS = ["backend", "readOnly", "registry"];

const STORE: OptionKind = {
  expected: "an object of options of openStore, without backend, readOnly and registry",
  accepts: (given) => typeof given === "object" && given !== null && !OURS.some((name) => name in given),
  advise: () => "where stores lie is said by the option backends, and by the mode of each",
};

const KINDS: OptionKinds = {
  budget: {
    expected: "a budget, or its options, such as { bytes: 64 * 2 ** 20 }",
    accepts: (given) => typeof given === "object" && given !== null,
    advise: (given) => (typeof given === "number" ? `write budget: { bytes: ${given} }` : ""),
  },
  backends: {
    expected: "an array of plugins, such as [file]",
    accepts: Array.isArray,
    advise: (given) => (typeof given === "function" ? "write backends: [file]" : ""),
  },
  location: text("the path of a directory"),
  registry: withMethods("a registry", "createRegistry([file])", ["backend", "serializer", "has"]),
  store: STORE,
};

const WHAT = "createStorageManager";

/** @throws `ZSPINE_INVALID_OPTIONS` with the path. */
export function checkManagerOptions(given: StorageManagerOptions): CheckedManagerOptions {
  const {
    budget = { bytes: "auto" },
    backends = [],
    location,
    registry,
    store = {},
  } = checkOptions(
    given,
    WHAT,
    KINDS,
    'write createStorageManager({ location: "./state", backends: [file], budget: { bytes: 64 * 2 ** 20 } })',
  );
  const makers = new Map<string, (location: string) => unknown>();
  for (const [at, backend] of Array.from(backends).entries()) {
    const [type, make] = makerOf(backend, at, registry);
    if (makers.has(type)) throw refused([WHAT, "backends", at], "each backend once", type);
    makers.set(type, make);
  }
  if (makers.size === 0 && location !== undefined)
    throw refused(
      [WHAT, "location"],
      "none, for there is no backend to keep anything there",
      location,
      "write backends: [file], or leave it out to have all in memory",
    );
  if (makers.size > 0 && location === undefined)
    throw refused(
      [WHAT, "location"],
      "where the backends keep everything",
      location,
      'write location: "./state"',
    );
  const opener = (type: string, place: string): BackendOpener => {
    const make = makers.get(type);
    if (make === undefined) throw unknownBackend(type);
    return durable(make(`${location!}/${place}`), type);
  };
  const shared = "enter" in budget ? budget : createBudget(budget);
  return { budget: shared, types: [...makers.keys()], store: { ...store, registry }, opener };
}

function makerOf(
  given: unknown,
  at: number,
  registry: Registry | undefined,
): readonly [type: string, make: (location: string) => unknown] {
  const path = [WHAT, "backends", at];
  const { kind, type } = (typeof given === "function" ? given : {}) as { kind?: unknown; type?: unknown };
  const name = typeof given === "string" ? given : kind === "backend" ? type : undefined;
  if (typeof name !== "string")
    throw refused(
      path,
      "a plugin, such as file, or its name with a registry",
      given,
      "pass it without calling it",
    );
  if (name === MEMORY || name === HYBRID || name.includes(":"))
    throw refused(
      path,
      "a backend over a location",
      name,
      `leave it out: the modes "${MEMORY}" and "${HYBRID}" are there`,
    );
  if (typeof given === "function")
    return [name, (location) => (given as BackendPlugin<{ location: string }>)({ location })];
  if (registry === undefined)
    throw refused(path, "a plugin", name, `a name needs a registry beside it: createRegistry([${name}])`);
  return [name, (location) => registry.backend({ type: name, location })];
}

/** Refuses what has no location, or would forget what it is given, before a store lies there. */
function durable(made: unknown, type: string): BackendOpener {
  const path = [WHAT, "backends"];
  const opener = made as BackendOpener;
  if (typeof opener.open !== "function") throw refused(path, "a backend over a location", type);
  return {
    type,
    async open(how) {
      const backend = await opener.open(how);
      if (backend.capabilities.durable) return backend;
      await backend.close();
      throw refused(
        path,
        "durable backends",
        type,
        `for what is not to be kept there is the mode "${MEMORY}"`,
      );
    },
    drop: () => opener.drop(),
  };
}

function unknownBackend(type: string): ZspineError {
  return new ZspineError(
    "ZSPINE_UNKNOWN_NAME",
    `it lies in the backend "${type}", which this manager was not given; add its plugin to the option backends`,
  );
}

/** Options of the methods, by name. */
export const SWITCH: OptionKinds = { signal: SIGNAL, onProgress: FUNCTION };
export const MAINTAIN: OptionKinds = { signal: SIGNAL, slices: numberWithin(1, 1_000_000, true) };
