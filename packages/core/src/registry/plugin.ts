import type { $ZodType, input, output } from "zod/v4/core";
import type { Backend, BackendOpener } from "../backend/backend.ts";
import { standardParse } from "../schema/standard-parse.ts";
import type { Serializer } from "../serializer/serializer.ts";

/** Options of a plugin: a zod schema that accepts `undefined` where all of them may be left out. */
export type OptionsSchema = $ZodType;

/**
 * Makes backends of one kind, and tells a registry how: call it with options for direct assembly, or
 * hand it to `createRegistry` to open from plain configuration.
 */
export interface BackendPlugin<S extends OptionsSchema = OptionsSchema> {
  (options?: input<S>): Backend | BackendOpener;
  readonly kind: "backend";
  /** The name by which configuration asks for it: `{ type: "memory" }`. */
  readonly type: string;
  /** What its options must be. */
  readonly options: S;
}

/** Makes serializers of one encoding, and tells a registry how. */
export interface SerializerPlugin<S extends OptionsSchema = OptionsSchema> {
  (options?: input<S>): Serializer;
  readonly kind: "serializer";
  readonly type: string;
  readonly options: S;
}

/** A thing that a registry can hold. */
export type Plugin = BackendPlugin<never> | SerializerPlugin<never> | BackendPlugin | SerializerPlugin;

/** Describes a plugin: its name, the schema of its options, and what makes it from checked options. */
export interface PluginDescription<S extends OptionsSchema, T> {
  readonly type: string;
  readonly options: S;
  create(options: output<S>): T;
}

/**
 * Makes a backend plugin. The function that it gives checks options by the schema.
 *
 * @throws (when called) `ZSPINE_INVALID_OPTIONS` naming the path of the option.
 */
export function defineBackend<S extends OptionsSchema, T extends Backend | BackendOpener>(
  description: PluginDescription<S, T>,
): BackendPlugin<S> & ((options?: input<S>) => T) {
  return Object.assign((options?: input<S>) => description.create(checkOptions(description, options)), {
    kind: "backend" as const,
    type: description.type,
    options: description.options,
  });
}

/** Makes a serializer plugin; see {@link defineBackend}. */
export function defineSerializer<S extends OptionsSchema, T extends Serializer>(
  description: PluginDescription<S, T>,
): SerializerPlugin<S> & ((options?: input<S>) => T) {
  return Object.assign((options?: input<S>) => description.create(checkOptions(description, options)), {
    kind: "serializer" as const,
    type: description.type,
    options: description.options,
  });
}

function checkOptions<S extends OptionsSchema>(
  plugin: PluginDescription<S, unknown>,
  options: unknown,
): output<S> {
  return standardParse(plugin.options, options, [plugin.type]) as output<S>;
}
