import {
  defineSerializer,
  formatSerializer,
  type Serializer,
  type SerializerOptions,
  type SerializerPlugin,
} from "@zspine/core";
import { CborFormat } from "./cbor-format.ts";

/**
 * Makes a serializer that writes CBOR (RFC 8949), id 2. Call it for a serializer, or hand it to
 * `createRegistry` as the plugin `cbor`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the path of the option.
 */
export const cbor: SerializerPlugin<SerializerOptions, Serializer> = defineSerializer({
  type: "cbor",
  create: (options?: SerializerOptions): Serializer =>
    formatSerializer({ name: "cbor", id: 2, format: new CborFormat() }, options),
});
