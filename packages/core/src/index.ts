// Errors and the environment.
export { isZspineError, throwIfAborted, ZspineError } from "./error/zspine-error.ts";
export type { ZspineErrorCode, ZspineErrorOptions } from "./error/zspine-error.ts";
export { quote } from "./error/quote.ts";
export { systemEnvironment, turn } from "./environment/environment.ts";
export type { Cancel, Environment } from "./environment/environment.ts";

// Schemas, rows, columns and ranges.
export { layoutOf } from "./schema/layout.ts";
export type { Infer, Layout, LayoutOptions } from "./schema/layout.ts";
export type { Schema } from "./schema/definition.ts";
export type { ColumnarInput, ColumnarRows, ColumnsOf } from "./schema/column-writer.ts";
export { Chunk } from "./batch/chunk.ts";
export type { Row } from "./batch/chunk.ts";
export type { KeyBounds, KeyPrefix } from "./batch/key-range.ts";

// Z-sets and their algebra.
export { ZSet } from "./zset/zset.ts";
export type { ZSetColumns, ZSetRow, ZSetRowInput } from "./zset/zset.ts";
export { IndexedZSet } from "./zset/indexed-zset.ts";
export type { IndexedZSetRowInput, WeightedValue } from "./zset/indexed-zset.ts";
export type { AnyZSet } from "./zset/any-zset.ts";
export { consolidate } from "./zset/consolidate.ts";
export { equals } from "./zset/equals.ts";
export { add, diff, negate, scale, subtract } from "./zset/group.ts";
export { distinct, positive } from "./zset/distinct.ts";
export { except, intersect, union } from "./zset/set-operations.ts";
export { filter } from "./zset/filter.ts";
export { flatMap, map } from "./zset/map.ts";
export type { KeyedValue } from "./zset/output.ts";
export type { Given, SchemaOf } from "./zset/schema-of.ts";
export { indexBy } from "./zset/index-by.ts";
export { join } from "./zset/join.ts";
export { antijoin, keysOf, restrict, semijoin } from "./zset/semijoin.ts";
export { aggregate, groupBy } from "./zset/aggregate.ts";
export { avg, combineAggregators, count, max, min, sum } from "./zset/aggregator.ts";
export type { Aggregator } from "./zset/aggregator.ts";
export type { Comparable } from "./zset/natural-order.ts";
export { topK } from "./zset/top-k.ts";
export { delay, differentiate, integrate } from "./zset/stream.ts";

// Keys as bytes in the order of their values.
export { decodeKey } from "./key-encoding/decode-key.ts";
export { encodeKey } from "./key-encoding/encode-key.ts";
export { keyPrefixRange } from "./key-encoding/key-prefix.ts";
export { orderedKeys } from "./key-encoding/ordered-keys.ts";

// The contracts of plugins, and what helps to keep them.
export { isValueName } from "./backend/backend.ts";
export { atOnce } from "./backend/at-once.ts";
export { partOfValue, valueTooShort } from "./backend/byte-range.ts";
export { forwardBackend } from "./backend/forward-backend.ts";
export { handleOf } from "./backend/handle.ts";
export type { BareBackend } from "./backend/handle.ts";
export { headConflict } from "./backend/head-conflict.ts";
export { namesInOrder } from "./backend/names-in-order.ts";
export type {
  Backend,
  BackendOpener,
  ByteRange,
  Capabilities,
  OpenOptions,
  ReadOptions,
  StoredHead,
  WriteOp,
  WriteOptions,
} from "./backend/backend.ts";
export { checkGuest, checkPlace, refuseToRead } from "./backend/place-options.ts";
export type { PlaceOptions } from "./backend/place-options.ts";
export type { Allowance, Occupancy, PlacedSlot, Placement, Seat } from "./placement/placement.ts";
export type { MemoryMonitor, MemoryReading, PressureLevel } from "./memory/memory-monitor.ts";
export { deflate } from "./compression/deflate.ts";
export type { Compression } from "./compression/compression.ts";
export type { Serializer } from "./serializer/serializer.ts";
export { formatSerializer } from "./serializer/format-serializer.ts";
export type { FormatDescription } from "./serializer/format-serializer.ts";
export { EXTENSION_ID_MAX, MARK } from "./serializer/mark.ts";
export type { Mark } from "./serializer/mark.ts";
export { smallerPool } from "./serializer/pool.ts";
export { refusedBytes } from "./serializer/refused-bytes.ts";
export type { SerializerOptions } from "./serializer/serializer-options.ts";
export type { ValueExtension } from "./serializer/value-extension.ts";
export type { Header, HeaderKind, ValueFormat } from "./serializer/value-format.ts";
export {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  numberWithin,
  oneOf,
  SIGNAL,
  withMethods,
} from "./input/options.ts";
export type { OptionKind, OptionKinds } from "./input/options.ts";
export { refused } from "./input/refused.ts";
export { requireOptions, text } from "./input/required-options.ts";
export { createRegistry } from "./registry/registry.ts";
export type { Registry } from "./registry/registry.ts";
export { defineBackend, defineSerializer } from "./registry/plugin.ts";
export type {
  BackendByName,
  BackendPlugin,
  PlainDescription,
  Plugin,
  PluginConfig,
  SchemaDescription,
  SerializerPlugin,
} from "./registry/plugin.ts";
