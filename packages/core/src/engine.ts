// What zspine's engine is made of and its packages share: `@zspine/core/engine`. It follows no promise of stability:
// what is here may change in any release, with no word in the notes. Programs and plugins use `@zspine/core`.
export { check } from "./error/check.ts";
export { quoteNames, quotePath } from "./error/quote.ts";
export { builtinModule } from "./environment/builtin-module.ts";
export { drawId } from "./environment/draw-id.ts";
export { checkIterable, checkMade, checkPair, checkResults, isPromise } from "./input/rows.ts";
export { didYouMean, nearest } from "./input/nearest.ts";
export { ANY, isPlain } from "./input/options.ts";
export type { HashSeed } from "./hash/half-siphash.ts";
export { absorbText, hashText, WordHasher } from "./hash/word-hasher.ts";
export { pickRows } from "./column/column.ts";
export type { Column, ColumnKind } from "./column/column.ts";
export { binaryColumn, bytesAfter, copyBytes } from "./column/binary-column.ts";
export type { BinaryColumn } from "./column/binary-column.ts";
export type { NumericColumn } from "./column/numeric-column.ts";
export { decodeText, encodeText } from "./column/text.ts";
export { checkValidates } from "./schema/layout.ts";
export { fieldOf, INTEGER, NOTHING, nullable, objectOf, TEXT, tupleOf } from "./schema/own-schema.ts";
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
export { withTime } from "./schema/timed-layout.ts";
export type { Timed } from "./schema/timed-layout.ts";
export { countColumns } from "./schema/column-writer.ts";
export type { Columns } from "./schema/columns.ts";
export {
  arraysOfPart,
  compareRows,
  firstAbove,
  firstNotBelow,
  gallopPart,
  makePart,
  PART_BYTES,
  PART_ROWS,
  pickPart,
  slicePart,
} from "./batch/part.ts";
export type { Part } from "./batch/part.ts";
export type { Lens } from "./batch/lens.ts";
export { Slot } from "./batch/slot.ts";
export type { Fence, Home, HomeIdentity, PackedRows, SlotSummary } from "./batch/slot.ts";
export { Batch, lookupCounts } from "./batch/batch.ts";
export type { Hand, KeyProbe, LookupCounts, PartRange, RowRange, SlotRange } from "./batch/batch.ts";
export { KeySeeker } from "./batch/key-seeker.ts";
export { hashKeys } from "./batch/hash-keys.ts";
export { consolidate as consolidateRows } from "./batch/consolidate.ts";
export { buildFilter, mayContain, WORDS_PER_BLOCK } from "./batch/filter.ts";
export type { Filter } from "./batch/filter.ts";
export { PartBuilder } from "./batch/part-builder.ts";
export type { Plan } from "./batch/part-builder.ts";
export { rangeFinder } from "./batch/key-range.ts";
export type { RangeFinder } from "./batch/key-range.ts";
export { sortRows } from "./batch/sort-rows.ts";
export { Merger } from "./batch/merger.ts";
export type { MergeOptions } from "./batch/merger.ts";
export type { HeldByMerge, MergeInput, MergeSource } from "./batch/merge-source.ts";
export { KeysProbe, Probe, probeKeys, probeRow } from "./batch/probe.ts";
export { Staging } from "./batch/staging.ts";
export type { StagingMark } from "./batch/staging.ts";
export type { StagingView } from "./batch/staging-view.ts";
export { addWeights, WEIGHT_MAX, weightOverflow } from "./batch/weight.ts";
export { checkSameShape, checkZSet } from "./zset/any-zset.ts";
export { KeyCursor } from "./zset/key-cursor.ts";
export { compareNatural } from "./zset/natural-order.ts";
export { RowPicker } from "./zset/row-picker.ts";
export { RowsReader } from "./zset/rows-reader.ts";
export { multiplyWeights } from "./zset/weight-sum.ts";
