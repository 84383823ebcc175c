import { describe, expect, it } from "vitest";
import { askTab, closeTab, openTab } from "../../../../tools/browser/tab-commands.ts";
import { askerOf, startWorker, type PageWorker } from "../../../../tools/browser/worker.ts";
import type { Request } from "./tab-worker.ts";

const TAB = "packages/store/test/browser/tab.ts";
const SEED = 20261130;

interface Tab {
  ask(request: Request): Promise<unknown>;
  /** Ends it, whatever it is doing. */
  kill(): Promise<void>;
}

const KINDS: Readonly<Record<string, () => Promise<Tab>>> = {
  "tab is closed": async () => {
    const tab = await openTab(TAB);
    return { ask: (request) => askTab(tab, request), kill: () => closeTab(tab) };
  },
  "worker is terminated": async () => {
    const worker = workerOf();
    return { ask: askerOf(worker), kill: async () => worker.terminate() };
  },
};

function workerOf(): PageWorker {
  return startWorker(new URL("./tab-worker.ts", import.meta.url));
}

/** Resolves when so many rows are known to be committed at a location; what is known is told by `acknowledged`. */
function listen(location: string): { acknowledged: number; reaches(rows: number): Promise<void> } {
  const told = {
    acknowledged: 0,
    reaches: (rows: number) =>
      new Promise<void>((resolve) => {
        channel.addEventListener("message", (event) => {
          const { data } = event as unknown as { readonly data: number };
          told.acknowledged = Math.max(told.acknowledged, data);
          if (told.acknowledged >= rows) resolve();
        });
      }),
  };
  const channel = new BroadcastChannel(location);
  return told;
}

describe.each(["opfs", "level"] as const)("two tabs with one store over %s", (medium) => {
  it.each(Object.keys(KINDS))(
    "W4 C10 the second is told, and takes over with all that was committed when the %s",
    async (how) => {
      for (let round = 1; round <= 2; round++) {
        const location = `tabs-${SEED}-${medium}-${how.replaceAll(" ", "-")}-${round}`;
        const leader = await KINDS[how]!();
        const other = askerOf(workerOf());
        await leader.ask({ do: "open", medium, location, waits: true });
        await expect(other({ do: "open", medium, location })).rejects.toMatchObject({
          code: "ZSPINE_LOCKED",
        });
        const told = listen(location);
        const enough = told.reaches(40 * round);
        // It commits for ever, and is killed while it does.
        leader.ask({ do: "commit", times: 100_000 }).catch(() => undefined);
        await enough;
        const waiting = other({ do: "open", medium, location, waits: true });
        await leader.kill();
        const found = (await waiting) as number;
        expect(found).toBeGreaterThanOrEqual(told.acknowledged);
        expect(found % 10).toBe(0);
        expect(await other({ do: "rows" })).toEqual(Array.from({ length: found }, (_, at) => at));
        await other({ do: "commit", times: 3 });
        expect(await other({ do: "rows" })).toHaveLength(found + 30);
        await other({ do: "close" });
      }
    },
  );
});
