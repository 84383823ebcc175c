import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { file } from "@zspine/backend-file";
import { forward } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { openStore } from "../../src/index.ts";

describe("refresh()", () => {
  it("goes on to the commit that there was at the call, whatever read of a head is under way", async () => {
    const location = await mkdtemp(join(tmpdir(), "refresh-"));
    const writer = await openStore({ backend: file({ location }) });
    await writer.commit({ metadata: { offset: 1 } });
    let [held, goOn] = [Promise.resolve(), (): void => undefined];
    const opener = file({ location });
    const slow: BackendOpener = {
      type: "slow",
      drop: () => opener.drop(),
      open: async (options) => {
        const backend = await opener.open(options);
        const readHead: Backend["readHead"] = async (...read) => {
          const found = await backend.readHead(...read);
          await held;
          return found;
        };
        return { ...forward(backend), readHead };
      },
    };
    const reader = await openStore({ backend: slow, readOnly: true });
    held = new Promise((resolve) => {
      goOn = resolve;
    });
    const first = reader.refresh();
    // It has read the head, or is about to: what is made now it need not find, and the next call has to.
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writer.commit({ metadata: { offset: 2 } });
    const others = [reader.refresh(), reader.refresh()];
    goOn();
    await Promise.all([first, ...others]);
    expect(reader.metadata).toEqual({ offset: 2 });
    await Promise.all([reader.close(), writer.close()]);
    await rm(location, { recursive: true });
  });
});
