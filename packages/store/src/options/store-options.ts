import {
  BOOLEAN,
  checkOptions,
  numberWithin,
  oneOf,
  refused,
  systemEnvironment,
  withMethods,
  ZspineError,
  type Backend,
  type BackendOpener,
  type Compression,
  type Environment,
  type OptionKind,
  type OptionKinds,
  type PluginConfig,
  type Registry,
  type Serializer,
} from "@zspine/core";
import { ANY } from "@zspine/core/engine";
import { memory } from "@zspine/backend-memory";
import type { Compactors } from "../merge/executor.ts";
import { tiered, type MergeStrategy } from "../merge/merge-strategy.ts";
import { isBackend, isConfig, misplacedBackend, refusedPlugin } from "./plugin-option.ts";

/** How a store is opened. Everything has a default. */
export interface StoreOptions {
  /** What metrics call it, as a message on a tracing channel does: see {@link StoreOperations}. By default the kind of its backend. */
  readonly name?: string | undefined;
  /** Where data lives: a backend, one still to be opened, or its name and options for `registry`. By default `memory()`. */
  readonly backend?: Backend | BackendOpener | PluginConfig | undefined;
  /** Finds the backend, and the serializer, when they are asked for by name. */
  readonly registry?: Registry | undefined;
  /** Holds values that have no columnar type, such as `msgpack()`, or its name for `registry`; by default there is none. */
  readonly serializer?: Serializer | PluginConfig | undefined;
  /** Makes blocks shorter, such as `deflate()`; by default they are only encoded. Blocks of either kind are read. */
  readonly compression?: Compression | undefined;
  /**
   * Bytes of decoded blocks and filters that are kept in memory; 0–2⁴⁰, by default 64 MiB, or, over a backend with a
   * placement such as `hybrid()`, what its budget leaves.
   */
  readonly cacheBytes?: number | undefined;
  /** Opens a store that is there to be read only: nothing is written to the medium; by default false. */
  readonly readOnly?: boolean | undefined;
  /**
   * Whether a store that only reads takes over by itself what its writer commits: it looks for a newer head every second, or
   * `pollMs` (1–3,600,000) after the last look, and costs one read of a head each time. Until it is closed; by default
   * false, and `refresh()` does it.
   */
  readonly follow?: boolean | { readonly pollMs?: number | undefined } | undefined;
  /**
   * Opens a store to be read only that may ask its writer for holds, by `hold()` and `release()`: for readers in other
   * processes, over a backend with guests. Instead of `readOnly`; by default false.
   */
  readonly guest?: boolean | undefined;
  /**
   * Whether a store that writes takes up what guests ask: it looks for the next request every second, or `pollMs`
   * (1–3,600,000) after the last look, and costs one read of a value that is not there each time. By default false.
   */
  readonly serve?: boolean | { readonly pollMs?: number | undefined } | undefined;
  /**
   * What to do when the newest head is damaged or lost: `never` (the default) refuses, `previous` goes back to
   * the head before it, and the report in `store.recovery` says so.
   */
  readonly recover?: "never" | "previous" | undefined;
  /** Time, chance, turns and I/O; by default those of the process. */
  readonly environment?: Environment | undefined;
  /** Decides what is merged; by default `tiered()`. */
  readonly strategy?: MergeStrategy | undefined;
  /** Has large merges made by other processes, such as `compactors()`; by default all are made in this one. */
  readonly compactors?: Compactors | undefined;
  /** Rows of a trace that are staged before they are sorted into a batch; 1–1,048,576, by default 32,768. */
  readonly stagingRows?: number | undefined;
  /** Batches of a trace above which `commit` waits for merging; 2–10,000, by default 64. */
  readonly batchesMax?: number | undefined;
  /** Milliseconds that a slice of background merging may hold the event loop; 0.1–1,000, by default 4. */
  readonly sliceMs?: number | undefined;
}

/** Options with their defaults filled in. */
export interface CheckedOptions {
  /** Missing where it was not given. */
  readonly name: string | undefined;
  readonly backend: Backend | BackendOpener;
  readonly serializer: Serializer | undefined;
  readonly compression: Compression | undefined;
  /** Missing where it was not given. */
  readonly cacheBytes: number | undefined;
  readonly isReadOnly: boolean;
  /** Milliseconds between two looks for a newer head; missing where it does not look by itself. */
  readonly followMs: number | undefined;
  readonly isGuest: boolean;
  /** Milliseconds between two looks for what guests ask; missing where it does not take that up. */
  readonly serveMs: number | undefined;
  readonly recover: "never" | "previous";
  readonly environment: Environment;
  readonly strategy: MergeStrategy;
  readonly compactors: Compactors | undefined;
  readonly stagingRows: number;
  readonly batchesMax: number;
  readonly sliceMs: number;
}

const NAME: OptionKind = {
  expected: "a text that is not empty",
  accepts: (value) => typeof value === "string" && value !== "",
};

const POLLED: OptionKind = {
  expected: "true, false, or { pollMs }",
  accepts: (value) => typeof value === "boolean" || (typeof value === "object" && value !== null),
};

const POLL: OptionKinds = { pollMs: numberWithin(1, 3_600_000, false) };

const POLL_MS = 1000;

/** What each option may be. Of plugins, which may be asked for by name, see {@link refusedPlugin}. */
const KINDS: OptionKinds = {
  name: NAME,
  backend: ANY,
  registry: withMethods("a registry", "createRegistry([file, msgpack])", ["backend", "serializer", "has"]),
  serializer: ANY,
  compression: withMethods("a compression", "deflate()", ["compress", "decompress"]),
  cacheBytes: numberWithin(0, 2 ** 40, true),
  readOnly: BOOLEAN,
  follow: POLLED,
  guest: BOOLEAN,
  serve: POLLED,
  recover: oneOf("never", "previous"),
  environment: withMethods("an environment", "systemEnvironment()", ["now", "random", "schedule", "io"]),
  compactors: withMethods("what has merges made elsewhere", "compactors()", ["executor"]),
  strategy: withMethods("a merge strategy", "tiered()", ["choose"]),
  stagingRows: numberWithin(1, 1048576, true),
  batchesMax: numberWithin(2, 10000, true),
  sliceMs: numberWithin(0.1, 1000, false),
};

/**
 * Checks options and fills in defaults.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the option, what was found and what was expected;
 *   `ZSPINE_UNKNOWN_NAME` for a backend that the registry does not know.
 */
export function checkStoreOptions(given: StoreOptions): CheckedOptions {
  if (isBackend(given) || typeof given === "function" || typeof given === "string")
    throw misplacedBackend("openStore", given);
  const options = checkOptions(given, "openStore", KINDS);
  checkRoles(options);
  return {
    name: options.name,
    backend: chooseBackend(options),
    serializer: chooseSerializer(options),
    compression: options.compression,
    cacheBytes: options.cacheBytes,
    isReadOnly: options.readOnly === true || options.guest === true,
    isGuest: options.guest ?? false,
    followMs: pollMsOf(options.follow, "follow"),
    serveMs: pollMsOf(options.serve, "serve"),
    recover: options.recover ?? "never",
    environment: options.environment ?? systemEnvironment(),
    strategy: options.strategy ?? tiered(),
    compactors: options.compactors,
    stagingRows: options.stagingRows ?? 32768,
    batchesMax: options.batchesMax ?? 64,
    sliceMs: options.sliceMs ?? 4,
  };
}

function checkRoles({ follow = false, guest, readOnly, serve = false }: StoreOptions): void {
  const isReadOnly = readOnly === true || guest === true;
  const refuse = (name: string, expected: string, found: unknown, advice: string): never => {
    throw refused(["openStore", name], expected, found, advice);
  };
  if (follow !== false && !isReadOnly)
    refuse(
      "follow",
      "it beside readOnly: true or guest: true",
      follow,
      "a store that writes has all there is; leave it out",
    );
  if (serve !== false && isReadOnly)
    refuse(
      "serve",
      "it in a store that writes",
      serve,
      "only the writer holds commits for others; leave it out",
    );
  if (readOnly === true && guest === true)
    refuse("guest", "guest or readOnly, not both", guest, "a guest reads only too; leave readOnly out");
}

function pollMsOf(option: StoreOptions["follow"], name: string): number | undefined {
  if (option === undefined || option === false) return undefined;
  if (option === true) return POLL_MS;
  return checkOptions(option, `openStore.${name}`, POLL).pollMs ?? POLL_MS;
}

/** @throws `ZSPINE_NOT_SUPPORTED` when the store is read only. */
export function checkWritable({ isReadOnly, isGuest }: CheckedOptions, what: string): void {
  if (!isReadOnly) return;
  throw new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `cannot ${what}: the store was opened with { ${isGuest ? "guest" : "readOnly"}: true }`,
  );
}

function chooseBackend({ backend = memory(), registry }: StoreOptions): Backend | BackendOpener {
  if (isBackend(backend)) return backend as Backend | BackendOpener;
  if (isConfig(backend, "backend", registry)) return registry!.backend(backend as PluginConfig);
  throw refusedPlugin(["openStore", "backend"], "backend", backend);
}

function chooseSerializer({ serializer, registry }: StoreOptions): Serializer | undefined {
  if (serializer === undefined) return undefined;
  if (SERIALIZER.accepts(serializer)) return serializer as Serializer;
  if (isConfig(serializer, "serializer", registry)) return registry!.serializer(serializer as PluginConfig);
  throw refusedPlugin(["openStore", "serializer"], "serializer", serializer);
}

const SERIALIZER = withMethods("a serializer", "msgpack()", ["encode", "decode", "estimateSize"]);
