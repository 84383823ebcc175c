export { PersistentMap } from "./map/persistent-map.ts";
export type { PersistentMapOptions } from "./map/persistent-map-options.ts";
export { PersistentMapBuilder } from "./map/persistent-map-builder.ts";
export { KeyView } from "./map/key-view.ts";
export { applyDelta, combineDeltas, computeDelta } from "./map/delta.ts";
export type { MapChange, MapDelta } from "./map/delta.ts";
export { structuralEquality } from "./equality/structural-equality.ts";
export type { KeyEquality } from "./equality/key-equality.ts";
export type { HashSeed } from "@zspine/core/engine";
