import {
  defineSerializer,
  formatSerializer,
  type Serializer,
  type SerializerOptions,
  type SerializerPlugin,
} from "@zspine/core";
import { MessagePackFormat } from "./message-pack-format.ts";

/**
 * Makes a serializer that writes MessagePack, id 1. Call it for a serializer, or hand it to `createRegistry` as
 * the plugin `msgpack`.
 *
 * @throws `ZSPINE_INVALID_OPTIONS` naming the path of the option.
 */
export const msgpack: SerializerPlugin<SerializerOptions, Serializer> = defineSerializer({
  type: "msgpack",
  create: (options?: SerializerOptions): Serializer =>
    formatSerializer({ name: "msgpack", id: 1, format: new MessagePackFormat() }, options),
});
