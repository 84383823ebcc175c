export { pipeline } from "./pipeline/open-pipeline.ts";
export type { InputStreams, PipelineOptions } from "./pipeline/open-pipeline.ts";
export { Pipeline } from "./pipeline/pipeline.ts";
export type {
  Deltas,
  Inputs,
  OutputDeltas,
  OutputDeliveries,
  Outputs,
  OutputTraces,
  StepOptions,
  StepResult,
} from "./pipeline/step.ts";
export type { GivenDelta } from "./pipeline/given-delta.ts";
export { feed } from "./feed/feed.ts";
export type { FeedDelivery, FeedOptions } from "./feed/feed-options.ts";
export { Stream } from "./wiring/stream.ts";
export type { Aggregates, AnyStream, Schemas } from "./wiring/stream.ts";
export { avg, count, max, min, sum } from "./aggregate/aggregate.ts";
export type { Aggregate, Extreme, Linear } from "./aggregate/aggregate.ts";
export type { Versioned } from "./function/function-text.ts";
export type { TopKOptions } from "./operator/top-k.ts";
export type { EvenWindows, SessionWindows, Window } from "./operator/window.ts";
export type { Time } from "./operator/operator.ts";
