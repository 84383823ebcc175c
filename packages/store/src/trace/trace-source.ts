import type { SnapshotSource } from "../snapshot/snapshot.ts";
import type { View } from "../view/view.ts";
import type { TraceState } from "./trace-state.ts";

/** What a trace's handle is told of its store. */
export interface TraceSource<K, V> extends SnapshotSource<K, V> {
  /** Whether rows are only read. */
  readonly isReadOnly: boolean;
  /** What can be read now; and the same, sorted. */
  view(): View<K, V>;
  viewInOrder(): View<K, V>;
}

/** What a handle is told of a state; `guard` throws when neither may be used any more. */
export function sourceOf<K, V>(
  state: TraceState<K, V>,
  isReadOnly: boolean,
  guard: () => void,
): TraceSource<K, V> {
  return {
    owner: state,
    context: state.context,
    loader: state.loader,
    keeper: state.keeper,
    isReadOnly,
    get discards() {
      return state.discards;
    },
    guard,
    release: (place) => {
      state.release(place);
    },
    view: () => state.view(),
    viewInOrder: () => state.viewInOrder(),
    between: (from, place) => state.between(from, place),
    viewAt: (place, totalWeight) => state.viewAt(place, totalWeight),
  };
}
