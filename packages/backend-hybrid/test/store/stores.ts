// The store and its temporal traces are tested with budgets themselves, and a package cannot be built before what needs it:
// so they are taken from their sources, and not as packages.
export {
  openStore,
  type Snapshot,
  type Store,
  type StoreEvents,
  type Trace,
} from "../../../store/src/index.ts";
