import { isZspineError, type Backend, type StoredHead } from "@zspine/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HeadWriter } from "../../../store/src/head/head-writer.ts";
import { fenceEverywhere, type Fencing } from "../../../store/test/fencing/fencing-law.ts";
import { memoryMedium, type FencingMedium } from "../../../store/test/fencing/fencing-medium.ts";
import { s3Medium } from "./s3-medium.ts";

/** What the planted faults of writers' names are. */
const fault = vi.hoisted(() => ({ hasOneName: false, removesAtOnce: false }));
vi.mock(import("../../../store/src/store/writer-names.ts"), async (original) => {
  const names = await original();
  return {
    ...names,
    chooseWriter: (...given) => (fault.hasOneName ? 7 : names.chooseWriter(...given)),
    looksForOrphans: (backend, found) => {
      if (fault.removesAtOnce) void removeUnnamed(backend, found);
      return names.looksForOrphans(backend, found);
    },
  };
});

/** Removes all batches that the newest head does not name, as one does who goes by their age. */
async function removeUnnamed(
  backend: Backend,
  {
    traces,
  }: {
    readonly traces: readonly {
      readonly batches: readonly { readonly file: { readonly values: readonly string[] } }[];
    }[];
  },
): Promise<void> {
  const named = new Set(traces.flatMap(({ batches }) => batches.flatMap(({ file }) => [...file.values])));
  const names: string[] = [];
  for await (const name of backend.list("batch/")) if (!named.has(name)) names.push(name);
  await backend.write(names.map((name) => ({ type: "remove", name })));
}

/** A medium whose handles create heads in another way. */
function creating(
  medium: FencingMedium,
  create: (backend: Backend, head: StoredHead, ops: Parameters<Backend["createHead"]>[2]) => Promise<void>,
): FencingMedium {
  return {
    opener: (place, gate) => {
      const opener = medium.opener(place, gate);
      const open: typeof opener.open = async (how) => {
        const backend = await opener.open(how);
        const createHead: Backend["createHead"] = (number, bytes, ops) =>
          create(backend, { number, bytes }, ops);
        return Object.assign(Object.create(backend) as Backend, { createHead });
      };
      return { ...opener, open };
    },
  };
}

const MEDIA = { memory: memoryMedium, s3: () => s3Medium() };

/** Fences writers until a law is broken, and gives that; from a seed on that is known to find it soon. */
async function broken(newMedia: () => Fencing["media"], first = 1): Promise<string> {
  for (let seed = first; seed < first + 10; seed++) {
    try {
      await fenceEverywhere(seed, newMedia);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return "sound";
}

afterEach(() => {
  fault.hasOneName = false;
  fault.removesAtOnce = false;
  vi.restoreAllMocks();
});

describe.each(Object.entries(MEDIA))("fencing over %s finds", (_, newMedium) => {
  const both = (): Fencing["media"] => {
    const medium = newMedium();
    return [medium, medium];
  };

  it("a writer that publishes without asking whether it has lost", async () => {
    const found = await broken(() => {
      const medium = newMedium();
      const forced = creating(medium, async (backend, { number, bytes }, ops) => {
        try {
          await backend.createHead(number, bytes, ops);
        } catch {
          await backend.createHead((await backend.readHead())!.number + 1, bytes, ops);
        }
      });
      return [forced, medium];
    });
    expect(found).toMatch(/seed \d+/);
  });

  it("an answer that tells nothing and is taken for success", async () => {
    const found = await broken(() => {
      const medium = newMedium();
      const hopeful = creating(medium, async (backend, { number, bytes }, ops) => {
        await backend.createHead(number, bytes, ops).catch((error: unknown) => {
          if (!isZspineError(error)) throw error;
        });
      });
      return [hopeful, medium];
    });
    expect(found).toMatch(/seed \d+/);
  });

  it("a collector that goes by age, and does not fence first", async () => {
    fault.removesAtOnce = true;
    const found = await broken(both, 5);
    expect(found).toMatch(/seed \d+/);
  });

  it("names of values that two writers draw alike", async () => {
    fault.hasOneName = true;
    const found = await broken(both);
    expect(found).toMatch(/seed \d+/);
  });
});

it("fencing over s3 finds a writer that has lost and collects what its last attempt was to name", async () => {
  vi.spyOn(
    HeadWriter.prototype as never as { failed: (error: Error) => unknown },
    "failed",
  ).mockImplementation((error) => ({ isCreated: false, error }));
  const found = await broken(() => {
    const medium = s3Medium();
    return [medium, medium];
  });
  expect(found).toMatch(/seed \d+.*sound/);
});
