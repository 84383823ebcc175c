export { temporalTrace } from "./trace/open.ts";
export { TemporalTrace } from "./trace/temporal-trace.ts";
export type { HistoryEntry, SinceReport, TemporalStats, TimeEntry } from "./trace/temporal-trace.ts";
export type {
  AsOfOptions,
  ChangesOptions,
  RetainOptions,
  SubscribeOptions,
  TemporalOptions,
  WaitOptions,
} from "./options/temporal-options.ts";
export type { LateCounts, LatePolicy, LateRows } from "./options/late.ts";
export { partByTime, TimeReader } from "./read/time-reader.ts";
export type { ChangesAt } from "./read/time-reader.ts";
export type { Delivery } from "./subscription/delivery.ts";
export { Hold } from "./hold/hold.ts";
export type { HoldOptions } from "./hold/hold.ts";
export type { HoldEvent } from "./hold/hold-event.ts";
export type { HoldState } from "@zspine/store/trace-kind";
export type { SinceHolder } from "./hold/hold-book.ts";
export type { Time } from "./time/time.ts";
export type { Timed } from "@zspine/core/engine";
export { temporalLenses } from "./lens/temporal-lenses.ts";
export { session, sliding, tumbling } from "./window/window-kinds.ts";
export type { SessionOptions, SlidingOptions, TumblingOptions } from "./window/window-kinds.ts";
export type { OpenWindows, Window, WindowKind } from "./window/window.ts";
export { WindowOperator } from "./window/window-operator.ts";
export type { WindowOperatorOptions } from "./window/window-operator.ts";
export { windows } from "./window/windows.ts";
export { GroupReader } from "./together/group-reader.ts";
export { together, TraceGroup } from "./together/trace-group.ts";
export type { GroupedTrace } from "./together/trace-group.ts";
