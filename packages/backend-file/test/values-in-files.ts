import type { BackendOpener } from "@zspine/core";
import { nodeMedium } from "@zspine/location";
import { openFileBackend } from "../src/backend/file-backend.ts";
import { JOURNAL_SIZES } from "../src/journal/journal-writer.ts";
import { file } from "../src/index.ts";

/** `file({ location })` that takes no value for a small one: each is a file of its own, as large ones are. */
export function valuesInFiles(location: string): BackendOpener {
  const sizes = { ...JOURNAL_SIZES, valueBytes: -1 };
  return {
    ...file({ location }),
    open: (options) => openFileBackend(location, nodeMedium, options, sizes),
  };
}
