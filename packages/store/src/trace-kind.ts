// How another kind of trace, or a layer of traces, is built on the store: `@zspine/store/trace-kind`. A kind says how its rows lie in columns,
// what heads say of it besides, and what its merges make of rows; the store does the rest. `@zspine/temporal` is one.
export { checkTraceOf, environmentOf, openTraceOfKind, serializerOf } from "./store/trace-of-kind.ts";
export type { TraceKind } from "./trace/trace-kind.ts";
export { TraceSeam } from "./trace/trace-seam.ts";
export { CommittedReader } from "./trace/committed-reader.ts";
export { hasFields } from "./head/fields.ts";
export { copyMetadata } from "./head/metadata.ts";
export { INPUTS_MAX } from "./merge/merge-strategy.ts";
export type { MergeDecision } from "./merge/merge-strategy.ts";
export type { DescribedLens, LensMaker, MergeLens } from "./merge/merge-lens.ts";
export { checkRows, chunkOf, isZSet, validatedRow, validatedRows } from "./trace/given-rows.ts";
export { followInserts } from "./trace/followers.ts";
export type { Follower, FollowingChange } from "./trace/followers.ts";
export { otherSchema } from "./trace/other-schema.ts";
export { refuseArgument } from "./options/no-argument.ts";
export { stateOf } from "./hold/hold-state.ts";
export type { HoldState, HoldTerms } from "./hold/hold-state.ts";
