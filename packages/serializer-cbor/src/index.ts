export { cbor } from "./cbor/cbor.ts";
export type { SerializerOptions, ValueExtension } from "@zspine/core";
