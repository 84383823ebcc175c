import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { file } from "@zspine/backend-file";
import { hybrid } from "@zspine/backend-hybrid";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { s3, type S3Options } from "@zspine/backend-s3";
import type { Backend, BackendOpener } from "@zspine/core";

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
  if (place.backend === "s3") return s3(s3OptionsOf(place.location!, process.env));
  const location = directoryOf(place);
  if (location === undefined) return memory();
  return place.backend === "level" ? level({ location }) : file({ location });
}

/** Where object storage is, from `s3://BUCKET/PREFIX` and the variables that programs of Amazon's read too. */
function s3OptionsOf(location: string, env: NodeJS.ProcessEnv): S3Options {
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location) ?? [];
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  const [accessKeyId, secretAccessKey] = [env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]];
  if (!accessKeyId || !secretAccessKey) {
    throw new StateError(
      `For ${location} the keys are missing. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL where the service is not Amazon's.`,
    );
  }
  return {
    endpoint: env["AWS_ENDPOINT_URL"] ?? `https://s3.${region}.amazonaws.com`,
    region,
    bucket,
    prefix,
    credentials: { accessKeyId, secretAccessKey, sessionToken: env["AWS_SESSION_TOKEN"] },
  };
}
