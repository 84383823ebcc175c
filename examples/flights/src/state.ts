import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { isZspineError, type Backend, type BackendOpener } from "@zspine/core";
import { dropStore, openStore, type Metadata, type Store } from "@zspine/store";

/** The backends that the state can be kept in. */
export const STATE_BACKENDS = ["file", "level", "memory"] as const;

/** Where the state is kept. */
export interface StatePlace {
  readonly backend: (typeof STATE_BACKENDS)[number];
  /** The directory; by default one beside the example, and none for memory. */
  readonly location: string | undefined;
  /** What the state may take of memory; where it is missing, no bound is set. */
  readonly budgetBytes?: number | undefined;
}

/** The state is not one that this job can go on from; the message says what to do. */
export class StateError extends Error {
  override readonly name = "StateError";
}

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

/** The directory of the state; `undefined` for memory. */
export function directoryOf({ backend, location }: StatePlace): string | undefined {
  if (backend === "memory") return undefined;
  if (location !== undefined) return resolve(location);
  return fileURLToPath(new URL(`../state/${backend}`, import.meta.url));
}

/** The directory as a person would write it. */
export function formatDirectory(directory: string): string {
  const path = relative(process.cwd(), directory);
  return path === "" || path.startsWith("..") ? directory : path;
}

/**
 * Opens the state.
 *
 * @throws (rejects with) `StateError` when it belongs to something else; as `openStore`.
 */
export async function openState(place: StatePlace): Promise<Store> {
  const store = await openStore({ backend: boundedBackendOf(place) });
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
  if (store.recovery.head === 0) return BEGINNING;
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

/** Counts the bytes of the files in a directory, as far as they are there by now. */
export async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    bytes += found?.size ?? 0;
  }
  return bytes;
}

/** The backend, of whose rows no more stay in memory than the budget says. */
function boundedBackendOf(place: StatePlace): Backend | BackendOpener {
  const cold = backendOf(place);
  return place.budgetBytes === undefined
    ? cold
    : hybrid({ cold, budgetBytes: place.budgetBytes, policy: "fixed" });
}

function backendOf(place: StatePlace): Backend | BackendOpener {
  const location = directoryOf(place);
  if (location === undefined) return memory();
  return place.backend === "level" ? level({ location }) : file({ location });
}

function checkOwner({ recovery, metadata }: Store, place: StatePlace): void {
  if (recovery.head === 0 || metadata["job"] === JOB) return;
  throw new StateError(
    `The store in ${describePlace(place)} is not the state of this job, and nothing was changed. ` +
      "Choose another directory with --state.",
  );
}

function describePlace(place: StatePlace): string {
  const directory = directoryOf(place);
  return directory === undefined ? "memory" : formatDirectory(directory);
}
