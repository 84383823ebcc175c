import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import type { Backend, BackendOpener, Capabilities } from "@zspine/core";
import { afterAll } from "vitest";
import type { StoreSuiteOptions } from "../src/conformance/index.ts";
import { dropStore, openStore, restoreStore } from "../src/index.ts";

export const MEDIA: Readonly<Record<string, (location: string) => BackendOpener>> = {
  file: (location) => file({ location }),
  level: (location) => level({ location }),
};

// In memory where there is such a disk: thousands of stores are made, and the suite does not cut the power.
const disk = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const folder = mkdtempSync(join(disk, "zspine-media-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function capabilitiesOf(opener: BackendOpener): Promise<Capabilities> {
  await using backend = await opener.open();
  return backend.capabilities;
}

/** Stores at places of their own beneath a folder. */
export async function optionsOf(
  medium: string,
  name: string,
  wrap: (backend: Backend) => Backend,
): Promise<StoreSuiteOptions> {
  const opener = (place: string): BackendOpener => MEDIA[medium]!(join(folder, medium, name, place));
  const open: StoreSuiteOptions["open"] = (options, place) => {
    const inner = opener(place);
    const backend: BackendOpener = {
      type: inner.type,
      open: async (how) => wrap(await inner.open(how)),
      drop: () => inner.drop(),
    };
    return openStore({ ...options, backend });
  };
  const capabilities = await capabilitiesOf(opener("sample"));
  return { capabilities, open, places: { opener, restore: restoreStore, drop: dropStore } };
}
