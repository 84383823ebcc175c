export { msgpack } from "./msgpack/msgpack.ts";
export type { SerializerOptions, ValueExtension } from "@zspine/core";
