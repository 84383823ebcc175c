import type { $ZodType, input, output } from "zod/v4/core";
import type { Backend, BackendOpener } from "../backend/backend.ts";
import { standardParse } from "../schema/standard-parse.ts";
import type { Serializer } from "../serializer/serializer.ts";

/** Asks for a plugin by name, alone or with its options: `"memory"`, `{ type: "level", location: "./data" }`. */
export type PluginConfig = string | { readonly type: string; readonly [option: string]: unknown };

/**
 * Makes the backend that a configuration asks for: given by a registry to a plugin over another backend, whose own
 * options may name that one.
 */
export type BackendByName = (config: PluginConfig) => Backend | BackendOpener;

/**
 * Makes backends of one kind: call it with options for direct assembly, or hand it to `createRegistry` to
 * open from plain configuration. `O` is what its options are, `T` what it makes.
 */
export interface BackendPlugin<O = never, T extends Backend | BackendOpener = Backend | BackendOpener> {
  (options?: O, byName?: BackendByName): T;
  readonly kind: "backend";
  /** The name by which configuration asks for it: `{ type: "memory" }`. */
  readonly type: string;
}

/** Makes serializers of one encoding. */
export interface SerializerPlugin<O = never, T extends Serializer = Serializer> {
  (options?: O): T;
  readonly kind: "serializer";
  readonly type: string;
}

/** A thing that a registry can hold. */
export type Plugin = BackendPlugin | SerializerPlugin;

/** A plugin whose options are checked by a zod schema before it is asked to make anything. */
export interface SchemaDescription<S extends $ZodType, T> {
  readonly type: string;
  /** What the options must be; it must accept `undefined` where all of them may be left out. */
  readonly options: S;
  create(options: output<S>): T;
}

/** A plugin that checks its options itself, with `ZSPINE_INVALID_OPTIONS`. */
export interface PlainDescription<O, T> {
  readonly type: string;
  /** `byName` makes a backend that the options name; there when a backend is made by a registry. */
  create(options?: O, byName?: BackendByName): T;
}

/** Makes a backend plugin. @throws (when called) `ZSPINE_INVALID_OPTIONS` naming the path of the option. */
export function defineBackend<S extends $ZodType, T extends Backend | BackendOpener>(
  description: SchemaDescription<S, T>,
): BackendPlugin<input<S>, T>;
export function defineBackend<O, T extends Backend | BackendOpener>(
  description: PlainDescription<O, T>,
): BackendPlugin<O, T>;
export function defineBackend<T extends Backend | BackendOpener>(
  description: AnyDescription<T>,
): BackendPlugin<unknown, T> {
  return Object.assign(factory(description), { kind: "backend" as const, type: description.type });
}

/** Makes a serializer plugin; see {@link defineBackend}. */
export function defineSerializer<S extends $ZodType, T extends Serializer>(
  description: SchemaDescription<S, T>,
): SerializerPlugin<input<S>, T>;
export function defineSerializer<O, T extends Serializer>(
  description: PlainDescription<O, T>,
): SerializerPlugin<O, T>;
export function defineSerializer<T extends Serializer>(
  description: AnyDescription<T>,
): SerializerPlugin<unknown, T> {
  return Object.assign(factory(description), { kind: "serializer" as const, type: description.type });
}

interface AnyDescription<T> {
  readonly type: string;
  readonly options?: $ZodType;
  create(options?: unknown, byName?: BackendByName): T;
}

function factory<T>({
  type,
  options: schema,
  create,
}: AnyDescription<T>): (options?: unknown, byName?: BackendByName) => T {
  if (schema === undefined) return (options, byName) => create(options, byName);
  return (options) => create(standardParse(schema, options, [type]));
}
