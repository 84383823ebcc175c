import {
  quote,
  systemEnvironment,
  ZspineError,
  type Backend,
  type BackendOpener,
  type Compression,
  type Environment,
  type PluginConfig,
  type Registry,
  type Serializer,
} from "@zspine/core";
import { quoteNames } from "@zspine/core/engine";
import { memory } from "@zspine/backend-memory";
import { tiered, type MergeStrategy } from "../merge/merge-strategy.ts";

/** How a store is opened. Everything has a default. */
export interface StoreOptions {
  /** Where data lives: a backend, one still to be opened, or its name and options for `registry`. By default `memory()`. */
  readonly backend?: Backend | BackendOpener | PluginConfig;
  /** Finds the backend, and the serializer, when they are asked for by name. */
  readonly registry?: Registry;
  /** Holds values that have no columnar type, such as `msgpack()`, or its name for `registry`; by default there is none. */
  readonly serializer?: Serializer | PluginConfig;
  /** Makes blocks shorter, such as `deflate()`; by default they are only encoded. Blocks of either kind are read. */
  readonly compression?: Compression;
  /** Bytes of decoded blocks and filters that are kept in memory; 0–2⁴⁰, by default 64 MiB. */
  readonly cacheBytes?: number;
  /** Opens a store that is there to be read only: nothing is written to the medium; by default false. */
  readonly readOnly?: boolean;
  /**
   * What to do when the newest head is damaged or lost: `never` (the default) refuses, `previous` goes back to
   * the head before it, and the report in `store.recovery` says so.
   */
  readonly recover?: "never" | "previous";
  /** Time, chance, turns and I/O; by default those of the process. */
  readonly environment?: Environment;
  /** Decides what is merged; by default `tiered()`. */
  readonly strategy?: MergeStrategy;
  /** Rows of a trace that are staged before they are sorted into a batch; 1–1,048,576, by default 32,768. */
  readonly stagingRows?: number;
  /** Batches of a trace above which `commit` waits for merging; 2–10,000, by default 64. */
  readonly batchesMax?: number;
  /** Milliseconds that a slice of background merging may hold the event loop; 0.1–1,000, by default 4. */
  readonly sliceMs?: number;
}

/** Options with their defaults filled in. */
export interface CheckedOptions {
  readonly backend: Backend | BackendOpener;
  readonly serializer: Serializer | undefined;
  readonly compression: Compression | undefined;
  readonly cacheBytes: number;
  readonly isReadOnly: boolean;
  readonly recover: "never" | "previous";
  readonly environment: Environment;
  readonly strategy: MergeStrategy;
  readonly stagingRows: number;
  readonly batchesMax: number;
  readonly sliceMs: number;
}

const NAMES = [
  "backend",
  "registry",
  "serializer",
  "compression",
  "cacheBytes",
  "readOnly",
  "recover",
  "environment",
  "strategy",
  "stagingRows",
  "batchesMax",
  "sliceMs",
];

/**
 * Checks options and fills in defaults.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the option, what was found and what was expected;
 *   `ZSPINE_UNKNOWN_NAME` for a backend that the registry does not know.
 */
export function checkStoreOptions(options: StoreOptions): CheckedOptions {
  checkNames(options, "options", NAMES);
  const { environment = systemEnvironment(), strategy = tiered(), registry } = options;
  checkMethods("environment", environment, ["now", "random", "schedule", "io"]);
  checkMethods("strategy", strategy, ["choose"]);
  if (registry !== undefined) checkMethods("registry", registry, ["backend", "serializer"]);
  const { compression, readOnly = false, recover = "never" } = options;
  if (compression !== undefined) checkMethods("compression", compression, ["compress", "decompress"]);
  if (typeof readOnly !== "boolean") throw refused(["readOnly"], "a boolean", readOnly);
  if (recover !== "never" && recover !== "previous")
    throw refused(["recover"], '"never" or "previous"', recover);
  return {
    backend: chooseBackend(options),
    serializer: chooseSerializer(options),
    compression,
    cacheBytes: checkNumber("cacheBytes", options.cacheBytes ?? 64 * 1024 * 1024, 0, 2 ** 40, true),
    isReadOnly: readOnly,
    recover,
    environment,
    strategy,
    stagingRows: checkNumber("stagingRows", options.stagingRows ?? 32768, 1, 1048576, true),
    batchesMax: checkNumber("batchesMax", options.batchesMax ?? 64, 2, 10000, true),
    sliceMs: checkNumber("sliceMs", options.sliceMs ?? 4, 0.1, 1000, false),
  };
}

/** @throws `ZSPINE_INVALID_OPTIONS` when `options` is no object or has a name that is not known. */
export function checkNames(options: unknown, what: string, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw refused([what], "an object", options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw refused([what, name], `one of ${quoteNames(known)}`, name);
  }
}

function chooseBackend({ backend = memory(), registry }: StoreOptions): Backend | BackendOpener {
  if (typeof backend === "object" && ("open" in backend || "createHead" in backend))
    return backend as Backend;
  const isConfig =
    typeof backend === "string" || typeof (backend as { type?: unknown } | null)?.type === "string";
  if (!isConfig)
    throw refused(["backend"], "a backend, such as memory(), or its name with a registry", backend);
  if (registry !== undefined) return registry.backend(backend as PluginConfig);
  throw refused(["backend"], "a registry beside it, for a backend that is asked for by name", backend);
}

function chooseSerializer({ serializer, registry }: StoreOptions): Serializer | undefined {
  if (serializer === undefined) return undefined;
  if (typeof serializer === "object" && "encode" in serializer) {
    checkMethods("serializer", serializer, ["encode", "decode", "estimateSize"]);
    return serializer as Serializer;
  }
  const isConfig =
    typeof serializer === "string" || typeof (serializer as { type?: unknown } | null)?.type === "string";
  if (!isConfig)
    throw refused(["serializer"], "a serializer, such as msgpack(), or its name with a registry", serializer);
  if (registry !== undefined) return registry.serializer(serializer as PluginConfig);
  throw refused(
    ["serializer"],
    "a registry beside it, for a serializer that is asked for by name",
    serializer,
  );
}

function checkMethods(name: string, value: unknown, methods: readonly string[]): void {
  const missing = methods.find(
    (method) => typeof (value as Record<string, unknown> | null)?.[method] !== "function",
  );
  if (missing !== undefined) throw refused([name], `an object with a method ${missing}()`, value);
}

function checkNumber(name: string, value: number, least: number, most: number, isWhole: boolean): number {
  const isFine =
    typeof value === "number" && value >= least && value <= most && (!isWhole || Number.isInteger(value));
  if (!isFine)
    throw refused([name], `${isWhole ? "a whole number" : "a number"} from ${least} to ${most}`, value);
  return value;
}

function refused(path: readonly string[], expected: string, found: unknown): ZspineError {
  return new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `${path.join(".")}: expected ${expected}, found ${quote(found)}`,
    {
      path,
    },
  );
}
