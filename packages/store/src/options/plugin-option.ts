import { quote, refused, ZspineError, type OptionKind, type Registry } from "@zspine/core";

/** The kinds of plugins that options take, an example of each, and the package of those that have one. */
const PLUGINS = {
  backend: {
    example: "memory()",
    packages: ["memory", "level", "file", "hybrid"],
    sample: `location: "./data"`,
  },
  serializer: { example: "msgpack()", packages: ["msgpack", "cbor"], sample: "" },
} as const;

/** What an option takes besides the thing itself. */
export type PluginKind = keyof typeof PLUGINS;

/**
 * Makes the error for what is neither a plugin's product nor its name: a plugin that was not called, a path, a
 * promise, a name without a registry. Each is told what to write instead.
 */
export function refusedPlugin(path: readonly string[], kind: PluginKind, found: unknown): ZspineError {
  const { example, sample } = PLUGINS[kind];
  const name = path.at(-1)!;
  const expected = `a ${kind}, such as ${example}`;
  if (typeof found === "function") {
    const { kind: madeKind, type } = found as { kind?: unknown; type?: unknown };
    if (madeKind !== undefined && madeKind !== kind)
      return refused(path, expected, found, `it makes a ${String(madeKind)}, which is another option`);
    const call = typeof type === "string" ? type : found.name === "" ? example.slice(0, -2) : found.name;
    const needsSample = kind === "backend" && call !== "memory";
    const text = `${path.join(".")}: expected ${expected}, found the plugin itself, which was not called`;
    return withPath(path, `${text}; write ${name}: ${call}(${needsSample ? `{ ${sample} }` : ""})`);
  }
  if (found instanceof Promise) return refused(path, expected, found, `wait for it: ${name}: await …`);
  if (typeof found === "string" && isPath(found)) {
    const write = `${name}: file({ location: ${quote(found)} }), with file of @zspine/backend-file`;
    return refused(path, expected, found, kind === "backend" ? `for a directory write ${write}` : "");
  }
  const type = nameOf(found);
  if (type === undefined) return refused(path, `${expected}, or its name with a registry`, found);
  return withPath(
    path,
    `${path.join(".")}: ${quote(type)} is a name, and names need a registry beside them; ${adviseName(kind, type)}`,
  );
}

/** Whether it asks for a plugin by name: `"memory"` or `{ type: "level", location: "./data" }`. */
export function isConfig(found: unknown, kind: PluginKind, registry: Registry | undefined): boolean {
  const type = nameOf(found);
  if (type === undefined || registry === undefined) return false;
  // A path is no name, unless somebody has named a plugin so.
  return !isPath(type) || registry.has(kind, type);
}

/** A location that can be opened and dropped. Of what is none, `advise` says what to write. */
export const OPENER: OptionKind = {
  expected: "a backend over a location, such as file({ location: … })",
  accepts: (found) => hasMethods(found, ["open", "drop"]),
  advise: (found, name) => {
    if (typeof found === "function") return `the plugin was not called: write ${name}: file({ location: … })`;
    if (typeof found === "string") return `write ${name}: file({ location: ${quote(found)} })`;
    return isBackend(found) ? "it is open, or keeps nothing: pass what is still to be opened" : "";
  },
};

/** Makes the error for a backend in place of the options that name it. */
export function misplacedBackend(what: string, found: unknown): ZspineError {
  const location = typeof found === "string" ? quote(found) : "…";
  const advice = `a backend is an option by name: write ${what}({ backend: file({ location: ${location} }) }), with file of @zspine/backend-file`;
  return refused([what], "an object of options", found, advice);
}

/** Whether it is an open backend or one that is still to be opened. */
export function isBackend(found: unknown): boolean {
  return isOpener(found) || hasMethods(found, ["get", "write", "list", "readHead", "createHead", "close"]);
}

function isOpener(found: unknown): boolean {
  return hasMethods(found, ["open"]);
}

function hasMethods(found: unknown, methods: readonly string[]): boolean {
  if (typeof found !== "object" || found === null) return false;
  return methods.every((method) => typeof (found as Record<string, unknown>)[method] === "function");
}

function adviseName(kind: PluginKind, type: string): string {
  const { packages, sample } = PLUGINS[kind];
  const isOurs = (packages as readonly string[]).includes(type);
  if (!isOurs) return `write registry: createRegistry([…]) with its plugin, or pass the ${kind} itself`;
  const call = `${type}(${kind === "backend" && type !== "memory" ? `{ ${sample} }` : ""})`;
  return `write ${kind}: ${call}, with ${type} of @zspine/${kind}-${type}, or registry: createRegistry([${type}]) beside it`;
}

function nameOf(found: unknown): string | undefined {
  if (typeof found === "string") return found;
  const type = (found as { type?: unknown } | null | undefined)?.type;
  return typeof type === "string" ? type : undefined;
}

function isPath(text: string): boolean {
  return /^[.~]|[/\\]/.test(text);
}

function withPath(path: readonly string[], message: string): ZspineError {
  return new ZspineError("ZSPINE_INVALID_OPTIONS", message, { path });
}
