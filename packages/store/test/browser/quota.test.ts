import { afterEach, describe, expect, it } from "vitest";
import { askerOf, startWorker } from "../../../../tools/browser/worker.ts";
import { clearOrigin, limitQuota } from "./origin.ts";

afterEach(() => limitQuota());

describe.each(["opfs", "level"] as const)("a store over %s at the quota", (medium) => {
  it.each([200_000, 1_000_000, 3_000_000])(
    "W5 C14 tells ZSPINE_IO, loses nothing, and goes on, with %i bytes to go",
    async (moreBytes) => {
      const place = { do: "open", medium, location: `quota-${medium}-${moreBytes}` } as const;
      const ask = askerOf(startWorker(new URL("./tab-worker.ts", import.meta.url)));
      await clearOrigin();
      // For what is open, IndexedDB does not ask again how much there is for a minute; and a new file takes a mebibyte.
      if (medium === "level") await limitQuota(moreBytes);
      await ask(place);
      await ask({ do: "commit", times: 2 });
      if (medium === "opfs") await limitQuota(moreBytes);
      const filling = ask({ do: "commit", times: 2000, bytes: 2000 });
      await expect(filling).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await expect(ask({ do: "commit", times: 1, bytes: 2000 })).rejects.toMatchObject({ code: "ZSPINE_IO" });
      await limitQuota();
      const committed = (await ask({ do: "commit", times: 5 })) as number;
      expect(committed).toBeGreaterThan(20);
      await ask({ do: "close" });
      expect(await ask(place)).toBe(committed);
      expect(await ask({ do: "rows" })).toEqual(Array.from({ length: committed }, (_, at) => at));
      await ask({ do: "close" });
    },
  );
});
