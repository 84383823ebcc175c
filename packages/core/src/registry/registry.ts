import type { Backend, BackendOpener } from "../backend/backend.ts";
import { quote, quoteNames } from "../error/quote.ts";
import { ZspineError } from "../error/zspine-error.ts";
import { checkIterable } from "../input/rows.ts";
import type { Serializer } from "../serializer/serializer.ts";
import type { BackendPlugin, Plugin, PluginConfig, SerializerPlugin } from "./plugin.ts";

/**
 * Plugins by name, so that a store can be opened from plain configuration. A value like any other:
 * importing a package registers nothing, and two registries know nothing of each other.
 */
export interface Registry {
  /** Adds a plugin. @throws `ZSPINE_INVALID_OPTIONS` when its kind has one of that name. */
  register(plugin: Plugin): void;
  has(kind: Plugin["kind"], name: string): boolean;
  /** Names of a kind, sorted. */
  names(kind: Plugin["kind"]): string[];
  /** Makes the backend that `config` asks for. @throws `ZSPINE_UNKNOWN_NAME`, `ZSPINE_INVALID_OPTIONS`. */
  backend(config: PluginConfig): Backend | BackendOpener;
  /** Makes the serializer that `config` asks for, or the default one. @throws as {@link Registry.backend}. */
  serializer(config?: PluginConfig): Serializer;
  /** Chooses what `serializer()` makes: a name, or a factory of your own. */
  setDefaultSerializer(choice: string | (() => Serializer)): void;
  /** Goes back to the plugins that the registry was created with, and to no chosen default. */
  reset(): void;
}

// The plugins of this project, for the error that tells where to find them.
const PACKAGES: Readonly<Record<Plugin["kind"], Readonly<Record<string, string>>>> = {
  backend: {
    file: "@zspine/backend-file",
    hybrid: "@zspine/backend-hybrid",
    level: "@zspine/backend-level",
    memory: "@zspine/backend-memory",
    s3: "@zspine/backend-s3",
  },
  serializer: { cbor: "@zspine/serializer-cbor", msgpack: "@zspine/serializer-msgpack" },
};

/**
 * Creates a registry of the given plugins: `createRegistry([memory])`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` for what is no list of plugins, or when two of a kind have one name.
 */
export function createRegistry(given: readonly Plugin[] = []): Registry {
  checkIterable(given, "createRegistry", "an array of plugins", "write createRegistry([memory])");
  const plugins = [...given];
  const byKind = { backend: new Map<string, Plugin>(), serializer: new Map<string, Plugin>() };
  let chosen: string | (() => Serializer) | undefined;

  function register(plugin: Plugin): void {
    const { kind, type } = checkPlugin(plugin);
    if (byKind[kind].has(type))
      throw new ZspineError("ZSPINE_INVALID_OPTIONS", `there is a ${kind} ${quote(type)} already`);
    byKind[kind].set(type, plugin);
  }

  function find(kind: Plugin["kind"], config: PluginConfig): { plugin: Plugin; options: unknown } {
    const { type, ...options } = typeof config === "string" ? { type: config } : config;
    const plugin = byKind[kind].get(type);
    if (plugin !== undefined)
      return { plugin, options: Object.keys(options).length === 0 ? undefined : options };
    throw unknownPlugin(kind, type, byKind[kind].keys());
  }

  const registry: Registry = {
    register,
    has: (kind, name) => byKind[kind].has(name),
    names: (kind) => [...byKind[kind].keys()].sort(),
    backend(config) {
      const { plugin, options } = find("backend", config);
      return (plugin as BackendPlugin<unknown>)(options, registry.backend);
    },
    serializer(config) {
      if (config === undefined && typeof chosen === "function") return chosen();
      const { plugin, options } = find("serializer", config ?? defaultSerializer());
      return (plugin as SerializerPlugin<unknown>)(options);
    },
    setDefaultSerializer(choice) {
      if (typeof choice === "string") find("serializer", choice);
      chosen = choice;
    },
    reset() {
      byKind.backend.clear();
      byKind.serializer.clear();
      chosen = undefined;
      plugins.forEach(register);
    },
  };

  function defaultSerializer(): string {
    if (typeof chosen === "string") return chosen;
    const [first] = byKind.serializer.keys();
    if (first !== undefined) return first;
    throw new ZspineError(
      "ZSPINE_UNKNOWN_NAME",
      "there is no serializer; install @zspine/serializer-msgpack and pass its plugin to createRegistry([…])",
    );
  }

  plugins.forEach(register);
  return registry;
}

function unknownPlugin(kind: Plugin["kind"], type: string, known: Iterable<string>): ZspineError {
  const ours = PACKAGES[kind];
  const advice = Object.hasOwn(ours, type)
    ? `install ${ours[type]} and pass its plugin to createRegistry([…])`
    : `pass its plugin to createRegistry([…]); zspine has the ${kind}s ${quoteNames(Object.keys(ours))}, ` +
      `which the guide "${kind === "backend" ? "Backends" : "Serializers"}" compares`;
  return new ZspineError(
    "ZSPINE_UNKNOWN_NAME",
    `there is no ${kind} ${quote(type)}; known: ${quoteNames(known)}; ${advice}`,
  );
}

function checkPlugin(plugin: unknown): Pick<Plugin, "kind" | "type"> {
  if (typeof plugin === "function") {
    const { kind, type } = plugin as { kind?: unknown; type?: unknown };
    if ((kind === "backend" || kind === "serializer") && typeof type === "string") return { kind, type };
  }
  throw new ZspineError(
    "ZSPINE_INVALID_OPTIONS",
    `expected a plugin, as defineBackend() and defineSerializer() make them, found ${quote(plugin)}`,
  );
}
