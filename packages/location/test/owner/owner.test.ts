import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { judge, parseOwner, thisProcess } from "../../src/owner/owner.ts";

describe("judge()", () => {
  it("tells alive of this process, and of one that it may not signal", () => {
    expect(judge(thisProcess())).toBe("alive");
    expect(judge({ pid: 1, host: thisProcess().host })).toBe("alive");
  });

  it("tells unknown of a process on another host", () => {
    expect(judge({ ...thisProcess(), host: "elsewhere" })).toBe("unknown");
  });

  it.runIf(process.platform === "linux")(
    "tells unknown of a process in another PID namespace of this host, as of another container",
    () => {
      const { pid, host, boot } = thisProcess();
      // That number is nobody's here, or somebody else's.
      for (const number of [pid, 4_194_305]) {
        const owner = { pid: number, host, ...(boot === undefined ? {} : { boot }), namespace: "pid:[1]" };
        expect(judge(owner)).toBe("unknown");
        expect(judge({ ...owner, boot: "another" })).toBe("dead");
      }
    },
  );

  it("tells dead of a process that has ended", async () => {
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    const owner = { pid: child.pid ?? 0, host: thisProcess().host };
    await once(child, "exit");
    expect(judge(owner)).toBe("dead");
  });

  it.runIf(process.platform === "linux")(
    "tells dead of a killed process that nobody has asked for",
    async () => {
      // The shell starts a process, says which, and becomes a program that never asks for it.
      const parent = spawn("sh", ["-c", "sleep 1000 & echo $!; exec sleep 1000"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const owner = { pid: Number(line.toString()), host: thisProcess().host };
      expect(judge(owner)).toBe("alive");
      process.kill(owner.pid, "SIGKILL");
      let found = judge(owner);
      for (let turn = 0; turn < 10_000 && found !== "dead"; turn++) {
        await new Promise(setImmediate);
        found = judge(owner);
      }
      parent.kill("SIGKILL");
      expect(found).toBe("dead");
    },
  );
});

describe("thisProcess()", () => {
  it.runIf(process.platform === "linux")("tells boot and start, which stay the same", () => {
    expect(thisProcess()).toEqual(thisProcess());
    expect(thisProcess()).toMatchObject({
      pid: process.pid,
      boot: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      namespace: expect.stringMatching(/^pid:\[\d+\]$/) as string,
      start: expect.stringMatching(/^\d+$/) as string,
    });
  });
});

describe("parseOwner()", () => {
  it("reads back what thisProcess() tells, and ignores what it does not know", () => {
    expect(parseOwner(JSON.stringify({ ...thisProcess(), more: 1 }))).toEqual(thisProcess());
  });

  it("tells undefined of what is no owner", () => {
    for (const text of ["", "1", "null", "{}", `{"pid":1}`, `{"pid":1.5,"host":"a"}`, `{"host":"a"}`]) {
      expect(parseOwner(text)).toBeUndefined();
    }
  });
});
