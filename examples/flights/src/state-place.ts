import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { s3, s3Address } from "@zspine/backend-s3";
import { isZspineError, type Backend, type BackendOpener } from "@zspine/core";

/** The backends that the state can be kept in. */
export const STATE_BACKENDS = ["file", "level", "memory", "s3"] as const;

/** Where the state is kept. */
export interface StatePlace {
  readonly backend: (typeof STATE_BACKENDS)[number];
  /** The directory, or `s3://BUCKET/PREFIX`; by default a directory beside the example, and none for memory. */
  readonly location: string | undefined;
  /** What the state may take of memory; where it is missing, no bound is set. */
  readonly budgetBytes?: number | undefined;
}

/** The state is not one that this job can go on from; the message says what to do. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** The directory of the state; `undefined` where it is in none. */
export function directoryOf({ backend, location }: StatePlace): string | undefined {
  if (backend === "memory" || backend === "s3") return undefined;
  if (location !== undefined) return resolve(location);
  return fileURLToPath(new URL(`../state/${backend}`, import.meta.url));
}

/** The place as a person would write it; `undefined` for memory, which is gone at the end. */
export function formatPlace(place: StatePlace): string | undefined {
  const directory = directoryOf(place);
  if (directory === undefined) return place.location;
  const path = relative(process.cwd(), directory);
  return path === "" || path.startsWith("..") ? directory : path;
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
export function boundedBackendOf(place: StatePlace): Backend | BackendOpener {
  const cold = backendOf(place);
  return place.budgetBytes === undefined
    ? cold
    : hybrid({ cold, budgetBytes: place.budgetBytes, policy: "fixed" });
}

/** The backend of the place. @throws `StateError` when the environment lacks the keys of object storage. */
export function backendOf(place: StatePlace): Backend | BackendOpener {
  if (place.backend === "s3") return backendInStorage(place.location!);
  const location = directoryOf(place);
  if (location === undefined) return memory();
  return place.backend === "level" ? level({ location }) : file({ location });
}

function backendInStorage(location: string): BackendOpener {
  try {
    return s3(s3Address(location, process.env));
  } catch (error) {
    if (isZspineError(error, "ZSPINE_INVALID_OPTIONS")) throw new StateError(error.message, { cause: error });
    throw error;
  }
}
