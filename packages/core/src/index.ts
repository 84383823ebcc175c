export { isZspineError, throwIfAborted, ZspineError } from "./error/zspine-error.ts";
export type { ZspineErrorCode, ZspineErrorOptions } from "./error/zspine-error.ts";
export { quote, quoteNames, quotePath } from "./error/quote.ts";
export { didYouMean } from "./input/nearest.ts";
export {
  ANY,
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
export { checkIterable, checkPair } from "./input/rows.ts";
export { systemEnvironment, turn } from "./environment/environment.ts";
export type { Cancel, Environment } from "./environment/environment.ts";
export type { HashSeed } from "./hash/half-siphash.ts";
export { pickRows } from "./column/column.ts";
export type { Column, ColumnKind } from "./column/column.ts";
export { binaryColumn, bytesAfter, copyBytes } from "./column/binary-column.ts";
export type { BinaryColumn } from "./column/binary-column.ts";
export type { NumericColumn } from "./column/numeric-column.ts";
export { decodeKey } from "./key-encoding/decode-key.ts";
export { encodeKey } from "./key-encoding/encode-key.ts";
export { keyPrefixRange } from "./key-encoding/key-prefix.ts";
export { orderedKeys } from "./key-encoding/ordered-keys.ts";
export { checkValidates, layoutOf } from "./schema/layout.ts";
export type { Infer, Layout, LayoutOptions } from "./schema/layout.ts";
export type { Schema } from "./schema/definition.ts";
export type { Leaf } from "./schema/leaf.ts";
export type {
  AbsenceShape,
  Field,
  LeafShape,
  NothingShape,
  ObjectShape,
  Shape,
  TupleShape,
} from "./schema/shape.ts";
export { readRow, rowReader } from "./schema/row-reader.ts";
export { countColumnarRows } from "./schema/column-writer.ts";
export type { ColumnarInput, ColumnarRows, ColumnsOf } from "./schema/column-writer.ts";
export { compareRows, makePart, PART_ROWS, slicePart } from "./batch/part.ts";
export type { Part } from "./batch/part.ts";
export { Batch, hashKeys, lookupCounts } from "./batch/batch.ts";
export type { LookupCounts, RowRange } from "./batch/batch.ts";
export { buildFilter, mayContain } from "./batch/filter.ts";
export type { Filter } from "./batch/filter.ts";
export { PartBuilder } from "./batch/part-builder.ts";
export type { Plan } from "./batch/part-builder.ts";
export { rangeFinder } from "./batch/key-range.ts";
export type { KeyBounds, KeyPrefix, RangeFinder } from "./batch/key-range.ts";
export { sortRows } from "./batch/sort-rows.ts";
export { Chunk } from "./batch/chunk.ts";
export type { Row } from "./batch/chunk.ts";
export { Merger } from "./batch/merger.ts";
export type { MergeOptions } from "./batch/merger.ts";
export type { MergeInput } from "./batch/merge-source.ts";
export { Probe, probeKeys, probeRow } from "./batch/probe.ts";
export { Staging } from "./batch/staging.ts";
export type { StagingMark } from "./batch/staging.ts";
export { checkWeight, WEIGHT_MAX, weightOverflow } from "./batch/weight.ts";
export { isValueName } from "./backend/backend.ts";
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
export { deflate } from "./compression/deflate.ts";
export type { Compression } from "./compression/compression.ts";
export type { Serializer } from "./serializer/serializer.ts";
export { formatSerializer } from "./serializer/format-serializer.ts";
export type { FormatDescription } from "./serializer/format-serializer.ts";
export { EXTENSION_ID_MAX, MARK } from "./serializer/mark.ts";
export type { Mark } from "./serializer/mark.ts";
export { smallerPool } from "./serializer/pool.ts";
export { refusedBytes } from "./serializer/refused-bytes.ts";
export { serializerOptions } from "./serializer/serializer-options.ts";
export type { SerializerOptions, SerializerSettings } from "./serializer/serializer-options.ts";
export type { ValueExtension } from "./serializer/value-extension.ts";
export type { Header, HeaderKind, ValueFormat } from "./serializer/value-format.ts";
export { residentPlacement } from "./placement/placement.ts";
export type { Occupancy, PlacedBatch, Placement, Tier } from "./placement/placement.ts";
export type { MemoryMonitor, MemoryReading, PressureLevel } from "./memory/memory-monitor.ts";
export { createRegistry } from "./registry/registry.ts";
export type { PluginConfig, Registry } from "./registry/registry.ts";
export { defineBackend, defineSerializer } from "./registry/plugin.ts";
export type {
  BackendPlugin,
  PlainDescription,
  Plugin,
  SchemaDescription,
  SerializerPlugin,
} from "./registry/plugin.ts";
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
export { PersistentMap } from "./map/persistent-map.ts";
export type { PersistentMapOptions } from "./map/persistent-map.ts";
export { PersistentMapBuilder } from "./map/persistent-map-builder.ts";
export { KeyView } from "./map/key-view.ts";
export { applyDelta, combineDeltas, computeDelta } from "./map/delta.ts";
export type { MapChange, MapDelta } from "./map/delta.ts";
export { structuralEquality } from "./map/structural-equality.ts";
export type { KeyEquality } from "./map/key-equality.ts";
