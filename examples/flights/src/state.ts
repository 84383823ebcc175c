import { isZspineError } from "@zspine/core";
import { dropStore, openStore, type Metadata, type Store } from "@zspine/store";
import { backendOf, boundedBackendOf, formatPlace, StateError, type StatePlace } from "./state-place.ts";

/** How far a job has come: what each commit says, beside the rows that it makes last. */
export interface Position {
  /** The last day that was worked on; none at the beginning. */
  readonly day: string;
  readonly days: number;
  /** Flights of the source that have been read: where to go on. */
  readonly offset: number;
}

const BEGINNING: Position = { day: "", days: 0, offset: 0 };

const JOB = "flights";
/** Changes with what the traces mean, so that no job goes on from what it would misread. */
const VERSION = 3;

/**
 * Opens the state, by default to work on it.
 *
 * @throws (rejects with) `StateError` when it belongs to something else; as `openStore`.
 */
export async function openState(
  place: StatePlace,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<Store> {
  const store = await openStore({ backend: boundedBackendOf(place), readOnly });
  try {
    readPosition(store, place);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * Removes the state, unless it is something else's; does nothing where there is none. One that is damaged, or of
 * another version of this job, is removed too.
 *
 * @throws (rejects with) as {@link openState}.
 */
export async function dropState(place: StatePlace): Promise<void> {
  const backend = backendOf(place);
  if (!("drop" in backend)) return;
  try {
    const store = await openStore({ backend });
    try {
      checkOwner(store, place);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!isZspineError(error, "ZSPINE_CORRUPT")) throw error;
  }
  await dropStore({ backend });
}

/**
 * Reads how far the job had come that left the state.
 *
 * @throws `StateError` when no job of this version left it.
 */
export function readPosition(store: Store, place: StatePlace): Position {
  checkOwner(store, place);
  if (store.token === 0) return BEGINNING;
  const { version, day, days, offset } = store.metadata;
  if (version === VERSION) return { day, days, offset } as unknown as Position;
  throw new StateError(
    `The state in ${describePlace(place)} was left by version ${String(version)} of this job, and this is version ${VERSION}. ` +
      "Begin anew with --fresh.",
  );
}

/** What a commit says besides rows. */
export function metadataOf(position: Position): Metadata {
  return { job: JOB, version: VERSION, ...position };
}

function checkOwner({ token, metadata }: Store, place: StatePlace): void {
  if (token === 0 || metadata["job"] === JOB) return;
  throw new StateError(
    `The store in ${describePlace(place)} is not the state of this job, and nothing was changed. ` +
      "Choose another place with --state.",
  );
}

function describePlace(place: StatePlace): string {
  return formatPlace(place) ?? "memory";
}
