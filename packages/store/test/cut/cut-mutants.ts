import { join } from "node:path";
import { forward } from "@zspine/conformance";
import { isZspineError, type Backend, type StoredHead } from "@zspine/core";
import { Hint } from "../../../backend-file/src/journal/hint.ts";
import { Journal } from "../../../backend-file/src/journal/journal.ts";
import { parseHint } from "../../../backend-file/src/layout/layout.ts";
import type { StoreParts } from "../../src/store/assemble.ts";
import type { CutMutant } from "./cut-program.ts";

/** What a mutant reaches of a store, which is private to it. */
interface StoreInside {
  readonly parts: StoreParts;
}

/** Faults that were mended, each put back. */
export const CUT_MUTANTS: readonly (CutMutant & { readonly law: string; readonly name: string })[] = [
  {
    law: "C25",
    name: "removes what the newest synced head needs, when only relaxed ones follow it",
    store(store) {
      const { files } = (store as unknown as StoreInside).parts;
      Object.defineProperty(files, "keep", { value: () => undefined });
      Object.defineProperty(files, "isSynced", { value: true });
    },
  },
  {
    law: "C24",
    name: "takes relaxed heads for synced ones, where the hint that tells of the last synced one is lost",
    backend: (backend, medium, location) =>
      readingHeads(backend, async (read) => {
        const head = await read();
        if (head?.synced === undefined) return head;
        const { number, bytes } = head;
        const hint = await medium.read(join(location, "newest"));
        const synced = hint instanceof Uint8Array ? parseHint(new TextDecoder().decode(hint)) : 0;
        return synced > 0 ? { number, bytes, synced } : { number, bytes };
      }),
  },
  {
    law: "C26",
    name: "takes a head that it reads out of the cache for durable, after the sync of it has failed",
    backend: (backend, medium, location) =>
      readingHeads(backend, async (read, number) => {
        try {
          return await read();
        } catch (error) {
          if (!isZspineError(error, "ZSPINE_IO")) throw error;
          const hint = await Hint.open(medium, join(location, "newest"));
          const found = Journal.open(medium, join(location, "journal"), hint);
          return found.then((journal) => journal.readHead(number)).catch(() => Promise.reject(error));
        }
      }),
  },
];

type ReadHead = (
  read: () => Promise<StoredHead | undefined>,
  number: number | undefined,
) => Promise<StoredHead | undefined>;

function readingHeads(backend: Backend, readHead: ReadHead): Backend {
  return {
    ...forward(backend),
    readHead: (number, options) => readHead(() => backend.readHead(number, options), number),
  };
}
