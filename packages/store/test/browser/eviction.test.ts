import { describe, expect, it } from "vitest";
import { askerOf, startWorker } from "../../../../tools/browser/worker.ts";
import { clearOrigin } from "./origin.ts";

describe.each(["opfs", "level"] as const)("a store over %s whose origin is cleared", (medium) => {
  it("W6 tells so at the next commit, goes on reading, and begins anew when it is opened again", async () => {
    const place = { do: "open", medium, location: `evicted-${medium}` } as const;
    const ask = askerOf(startWorker(new URL("./tab-worker.ts", import.meta.url)));
    await ask(place);
    await ask({ do: "commit", times: 3 });
    await clearOrigin();
    await expect(ask({ do: "commit", times: 1 })).rejects.toMatchObject({ code: "ZSPINE_IO" });
    await ask({ do: "close" }).catch(() => undefined);
    expect(await ask(place)).toBe(0);
    await ask({ do: "commit", times: 1 });
    await ask({ do: "close" });
  });
});
