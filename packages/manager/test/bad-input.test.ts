import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { hybrid } from "@zspine/backend-hybrid";
import { createRegistry, defineBackend, isZspineError, type ZspineErrorCode } from "@zspine/core";
import { describe, expect, it } from "vitest";
import { createStorageManager, type StorageManager } from "../src/index.ts";
import { fill } from "./content.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Wrong on purpose, whatever the type says. */
const wrong = (value: unknown): never => value as never;

const location = join(scratchFolder, "bad");
const INVALID = "ZSPINE_INVALID_OPTIONS";
const forgetful = defineBackend({
  type: "forgetful",
  create: () => ({ type: "forgetful", open: async () => memory(), drop: async () => undefined }),
});
const placeless = defineBackend({ type: "placeless", create: () => memory() });

async function refusal(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (!isZspineError(error)) throw error;
    return `${error.code} ${error.path.join(".")} ${error.message}`;
  }
}

const OPTIONS: readonly (readonly [
  what: string,
  given: unknown,
  code: ZspineErrorCode,
  ...says: string[],
])[] = [
  ["a path", "./state", INVALID, "write { location: … }"],
  ["an unknown option", { bytes: 2 ** 26 }, INVALID, "createStorageManager.bytes", "budget"],
  ["a number of bytes", { budget: 2 ** 26 }, INVALID, "write budget: { bytes: 67108864 }"],
  ["a budget below the least", { budget: { bytes: 1000 } }, INVALID, "at least 2097152 (2 MiB)"],
  ["a budget without bytes", { budget: {} }, INVALID, "createBudget.bytes"],
  ["an unknown policy", { budget: { bytes: 2 ** 26, policy: "eager" } }, INVALID, '"adaptive"'],
  ["a plugin outside of an array", { backends: file, location }, INVALID, "write backends: [file]"],
  ["a plugin that was called", { backends: [file({ location })], location }, INVALID, "without calling it"],
  ["no location", { backends: [file] }, INVALID, 'write location: "./state"'],
  ["the plugin memory", { backends: [memory], location }, INVALID, "leave it out"],
  ["the plugin hybrid", { backends: [hybrid], location }, INVALID, "leave it out"],
  ["a plugin twice", { backends: [file, file], location }, INVALID, "each backend once"],
  ["a name without a registry", { backends: ["file"], location }, INVALID, "createRegistry([file])"],
  [
    "a name that the registry does not know",
    { backends: ["level"], registry: createRegistry([file]), location },
    "ZSPINE_UNKNOWN_NAME",
    "@zspine/backend-level",
  ],
  ["a backend that is not durable", { backends: [forgetful], location }, INVALID, 'the mode "memory"'],
  ["a backend without a location", { backends: [placeless], location }, INVALID, "a backend over a location"],
  ["the backend of stores", { store: { backend: memory() } }, INVALID, "the option backends"],
];

describe("R9 options that are not understood are refused, with what to write instead", () => {
  for (const [what, given, code, ...says] of OPTIONS) {
    it(what, async () => {
      const found = await refusal(() => createStorageManager(wrong(given)));
      expect(found).toMatch(new RegExp(`^${code} `));
      for (const part of says) expect(found).toContain(part);
    });
  }
});

const NAMES = [
  "",
  ".",
  "..",
  "../up",
  "a/b",
  "a\\b",
  "/root",
  "a\0b",
  ".hidden",
  "end.",
  "a..b",
  "é",
  "x".repeat(101),
  7,
  undefined,
  null,
  "__proto__",
];

const CALLS: readonly (readonly [
  string,
  (manager: StorageManager) => unknown,
  ZspineErrorCode,
  ...string[],
])[] = [
  ["a name that is taken", (m) => m.create("a", { mode: "memory" }), "ZSPINE_CONFLICT", 'get("a") opens it'],
  ["no mode", (m) => m.create("b", wrong(undefined)), INVALID, "create"],
  [
    "an unknown mode",
    (m) => m.create("b", { mode: "disk" }),
    INVALID,
    '"memory", "file", "level", "hybrid", "hybrid:level"',
  ],
  ["a mode over no backend of it", (m) => m.switchMode("a", "hybrid:memory"), INVALID, "switchMode.mode"],
  ["get of an unknown name", (m) => m.get("b"), "ZSPINE_UNKNOWN_NAME", 'there are: "a"', 'create("b"'],
  ["a name of every object", (m) => m.get("constructor"), "ZSPINE_UNKNOWN_NAME", 'there are: "a"'],
  ["delete of an unknown name", (m) => m.delete("b"), "ZSPINE_UNKNOWN_NAME"],
  ["a switch of an unknown name", (m) => m.switchMode("b", "file"), "ZSPINE_UNKNOWN_NAME"],
  ["forceSpill of an unknown name", (m) => m.forceSpill("b"), "ZSPINE_UNKNOWN_NAME"],
  ["stateSize of an unknown name", (m) => m.stateSize("b"), "ZSPINE_UNKNOWN_NAME"],
  [
    "a signal by itself",
    (m) => m.switchMode("a", "level", wrong(AbortSignal.timeout(1))),
    INVALID,
    "{ signal: … }",
  ],
  ["slices that are none", (m) => m.maintain({ slices: 0 }), INVALID, "from 1 to"],
  ["an unknown option of maintain", (m) => m.maintain(wrong({ ms: 4 })), INVALID, "maintain.ms"],
  [
    "a switch that is aborted before",
    (m) => m.switchMode("a", "level", { signal: AbortSignal.abort() }),
    "ZSPINE_ABORTED",
  ],
  [
    "maintenance that is aborted before",
    (m) => m.maintain({ signal: AbortSignal.abort() }),
    "ZSPINE_ABORTED",
  ],
];

describe("R9 calls that cannot be are refused, and change nothing", () => {
  for (const [what, call, code, ...says] of CALLS) {
    it(what, async () => {
      await using manager = await createStorageManager({
        location: join(scratchFolder, "calls"),
        backends: [file, level],
      });
      if ((await manager.list()).length === 0) await fill(await manager.create("a", { mode: "file" }), 0, 10);
      const found = await refusal(() => call(manager));
      expect(found).toMatch(new RegExp(`^${code} `));
      for (const part of says) expect(found).toContain(part);
      expect(await manager.list()).toEqual([{ name: "a", mode: "file" }]);
    });
  }

  it("a location where no backend would keep anything", async () => {
    const found = await refusal(() => createStorageManager({ location: join(scratchFolder, "none") }));
    expect(found).toContain("createStorageManager.location");
    expect(found).toContain("write backends: [file]");
  });

  it("names that are paths, or cannot be part of one everywhere", async () => {
    await using manager = await createStorageManager();
    for (const name of NAMES) {
      for (const call of [
        () => manager.create(wrong(name), { mode: "memory" }),
        () => manager.get(wrong(name)),
        () => manager.delete(wrong(name)),
        () => manager.switchMode(wrong(name), "memory"),
        () => manager.stateSize(wrong(name)),
        () => manager.forceSpill(wrong(name)),
      ])
        expect(await refusal(call), String(name)).toMatch(
          /^ZSPINE_INVALID_OPTIONS \w+\.name .*the name of a store/s,
        );
    }
  });

  it("a closed manager", async () => {
    const manager = await createStorageManager();
    await manager.create("a", { mode: "memory" });
    await manager.close();
    await manager.close();
    for (const call of [
      () => manager.create("b", { mode: "memory" }),
      () => manager.get("a"),
      () => manager.list(),
      () => manager.delete("a"),
      () => manager.switchMode("a", "memory"),
      () => manager.stateSize("a"),
      () => manager.forceSpill("a"),
      () => manager.maintain(),
    ])
      expect(await refusal(call)).toMatch(/^ZSPINE_CLOSED .*createStorageManager\(\)/);
  });

  it("a second manager of a location, and one whose first backend is another", async () => {
    const options = { location: join(scratchFolder, "second"), backends: [file, level] };
    {
      await using manager = await createStorageManager(options);
      expect(manager.modes).toEqual(["memory", "file", "level", "hybrid", "hybrid:level"]);
      expect(await refusal(() => createStorageManager(options))).toMatch(/^ZSPINE_LOCKED /);
      await manager.create("b", { mode: "level" });
    }
    expect(await refusal(() => createStorageManager({ ...options, backends: [level, file] }))).toMatch(
      /^ZSPINE_FORMAT /,
    );
    // Without the backend of one of them the others can be had, and it be listed.
    await using manager = await createStorageManager({ ...options, backends: [file] });
    expect(await manager.list()).toEqual([{ name: "b", mode: "level" }]);
    expect(await refusal(() => manager.get("b"))).toMatch(/^ZSPINE_UNKNOWN_NAME .*"level".*option backends/);
  });
});
