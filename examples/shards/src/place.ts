import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { s3, s3Address } from "@zspine/backend-s3";
import type { BackendOpener } from "@zspine/core";

/** Opens what lies at a location: how a test puts places in memory in their stead. */
export type Places = (location: string) => BackendOpener;

/** What is wrong is for a person to set right; the message says how. */
export class ShardsError extends Error {
  override readonly name = "ShardsError";
}

/** Directories, and `s3://BUCKET/PREFIX`. @throws `ZSPINE_INVALID_OPTIONS` when keys are missing. */
export const places: Places = (location) =>
  location.startsWith("s3://") ? s3(s3Address(location, process.env)) : file({ location });

/** The location of a part of the state. */
export function within(state: string, name: string): string {
  return state.startsWith("s3://") ? `${state}/${name}` : join(state, name);
}
