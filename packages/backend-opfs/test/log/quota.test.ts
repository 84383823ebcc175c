import type { Backend } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { domError, FakeOpfs, type FileCall } from "../fake-opfs.ts";
import { LogProgram, openSmall, stateOf } from "./log-program.ts";

/** What browsers do at the quota: throw, take a part and then nothing, or tell a count that cannot be. */
const WAYS: Readonly<Record<string, (call: FileCall) => number>> = {
  "an error": () => {
    throw domError("QuotaExceededError");
  },
  "no byte": () => 0,
  "a part": ({ bytes, proceed }) => proceed(bytes >> 1),
  "a count of 2³² − 8": ({ proceed }) => {
    proceed(3);
    return 2 ** 32 - 8;
  },
  "a count of 2³² − 8, though all is there": ({ proceed }) => {
    proceed();
    return 2 ** 32 - 8;
  },
  "a count of −1": () => -1,
};

async function filled(medium: FakeOpfs): Promise<{ backend: Backend; program: LogProgram }> {
  const program = new LogProgram(7);
  const backend = await openSmall(medium);
  for (let calls = 0; calls < 30; calls++) await program.step(backend);
  return { backend, program };
}

describe("opfs() at the quota", () => {
  it.each(Object.keys(WAYS))(
    "W3 W5 C14 tells a failure and loses nothing, met by %s at each write",
    async (way) => {
      for (let from = 1; from <= 25; from++) {
        const medium = new FakeOpfs();
        const { backend, program } = await filled(medium);
        let writes = 0;
        medium.onCall = (call) => {
          // The hint is written over, and takes no room.
          if (call.method !== "write" || call.name === "zspine" || ++writes < from) return call.proceed();
          return WAYS[way]!(call);
        };
        const outcomes = [];
        for (let calls = 0; calls < 8; calls++) outcomes.push(await program.step(backend));
        if (from === 1) expect(outcomes).toContain("refused");
        expect(outcomes).not.toContain("open");
        expect(await stateOf(backend)).toEqual(program.states.at(-1));
        medium.onCall = ({ proceed }) => proceed();
        if (from % 2 === 0) {
          // Nothing of what was refused comes back.
          medium.kill();
        } else {
          for (let calls = 0; calls < 8; calls++) expect(await program.step(backend)).toBe("done");
          await backend.close();
        }
        await using again = await openSmall(medium);
        expect(await stateOf(again)).toEqual(program.states.at(-1));
      }
    },
  );

  it("tells the code, that nothing has happened, and what to do", async () => {
    const medium = new FakeOpfs();
    const { backend } = await filled(medium);
    medium.quotaBytes = 0;
    const put = { type: "put", name: "more", bytes: new Uint8Array(9000) } as const;
    await expect(backend.write([put])).rejects.toMatchObject({
      code: "ZSPINE_IO",
      determinate: true,
      message: expect.stringMatching(/nothing was changed.*QuotaExceededError.*no more room.*persist\(\)/),
    });
    medium.quotaBytes = Infinity;
    await backend.write([put]);
    expect(backend.getSync!("more")).toHaveLength(9000);
  });

  it("opens when room is back, with all that was there, where it could not be put in order for want of it", async () => {
    const medium = new FakeOpfs();
    const { program } = await filled(medium);
    medium.kill();
    medium.quotaBytes = 0;
    await expect(openSmall(medium)).rejects.toMatchObject({ code: "ZSPINE_IO", determinate: true });
    // To be read only it needs no room.
    const reader = await openSmall(medium, { readOnly: true });
    expect(await stateOf(reader)).toEqual(program.states.at(-1));
    await reader.close();
    medium.quotaBytes = Infinity;
    await using backend = await openSmall(medium);
    expect(await stateOf(backend)).toEqual(program.states.at(-1));
  });
});
