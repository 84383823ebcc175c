// The compression that every store reads blocks by, `@zspine/core/deflate`, by itself: it brings another package along, which
// who imports `@zspine/core` is not to load. Programs make it by `deflate()` of `@zspine/core`; this promises nothing.
export { DEFLATE } from "./compression/deflate-codec.ts";
