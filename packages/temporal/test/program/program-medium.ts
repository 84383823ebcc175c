import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memory } from "@zspine/backend-memory";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { chaos, seededFaults, SimulatedEnvironment, type SeededRandom } from "@zspine/conformance";
import { systemEnvironment, type Backend, type BackendOpener, type Environment } from "@zspine/core";
import { openFileBackend } from "../../../backend-file/src/backend/file-backend.ts";
import { LosingMedium } from "../../../backend-file/test/medium/losing-medium.ts";
import { retainedPlaces } from "../../../store/test/retained-places.ts";

/** Where a program runs. */
export interface ProgramMedium {
  readonly environment: Environment;
  /** Opens the one place there is; missing where nothing outlives a store. */
  readonly opener: (() => BackendOpener) | undefined;
  /** Lets the process that has it open end; missing where none can. */
  readonly kill: (() => void) | undefined;
  /** Lets the power fail. */
  readonly cut: (() => void) | undefined;
  /** Lets the power fail soon, or a sync. */
  readonly fail: (() => void) | undefined;
  /** Whether the power has failed by itself. */
  readonly isDown: boolean;
  /** Whether calls may fail. */
  isFailing: boolean;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  run(work: Promise<void>): Promise<void>;
  end(): void;
}

const DOES_NOTHING = (): void => undefined;

function simulated(
  random: SeededRandom,
): Pick<ProgramMedium, "pass" | "run" | "end"> & { environment: SimulatedEnvironment } {
  const environment = new SimulatedEnvironment(random.uint32(), { latencyMsMax: random.pick([0, 3]) });
  return {
    environment,
    pass: (ms) => new Promise((resolve) => void environment.schedule(resolve, ms)),
    run: (work) => environment.run(work),
    end: DOES_NOTHING,
  };
}

/** Rows in memory, which go with the store. */
export function inMemory(random: SeededRandom): ProgramMedium {
  const rest = { kill: undefined, cut: undefined, fail: undefined, isDown: false, isFailing: false };
  return { ...simulated(random), opener: undefined, ...rest };
}

/** A place in memory that outlives processes, whose calls fail if they are to. */
export function inRetained(random: SeededRandom, isFaulty: boolean): ProgramMedium {
  const preferredValueBytes = random.pick([200, 4096, 65_536]);
  const places = retainedPlaces(() => memory({ preferredValueBytes }));
  const plan = seededFaults(random.uint32(), { rate: 0.08 });
  const medium: ProgramMedium = {
    ...simulated(random),
    opener: () => {
      const place = places.opener("place");
      const wrap = (backend: Backend): Backend =>
        chaos(backend, { plan: (call) => (medium.isFailing ? plan(call) : undefined) });
      return { ...place, open: async (how) => wrap(await place.open(how)) };
    },
    kill: () => places.crash("place"),
    cut: undefined,
    fail: isFaulty ? () => (medium.isFailing = !medium.isFailing) : undefined,
    isDown: false,
    isFailing: false,
  };
  return medium;
}

/** Files on a disk that loses what was not synced. */
export function onLosingDisk(random: SeededRandom): ProgramMedium {
  const disk = new LosingMedium();
  return {
    ...simulated(random),
    opener: () => {
      const medium = disk.open();
      return {
        type: "file",
        open: (options) => openFileBackend("/disk/store", medium, options),
        drop: () => Promise.reject(new Error("nothing drops a place here")),
      };
    },
    kill: () => {
      disk.kill();
    },
    cut: () => {
      disk.cut(random);
    },
    fail: () => {
      if (random.chance(0.6)) disk.cutAt = disk.changes + random.int(1, 40);
      else disk.fault = { at: disk.syncs + random.int(1, 12), isLasting: random.chance(0.4) };
    },
    get isDown() {
      return disk.isDown;
    },
    isFailing: true,
  };
}

/** Files, or LevelDB, on the disk of the machine. */
export function onDisk(kind: "file" | "level"): ProgramMedium {
  const location = mkdtempSync(join(tmpdir(), "zspine-temporal-"));
  let passed = 0;
  const system = systemEnvironment();
  return {
    environment: {
      now: () => system.now() + passed,
      random: () => system.random(),
      schedule: (task, delayMs) => system.schedule(task, delayMs),
      io: (backend) => system.io(backend),
    },
    opener: () => (kind === "file" ? file({ location }) : level({ location })),
    kill: undefined,
    cut: undefined,
    fail: undefined,
    isDown: false,
    isFailing: false,
    pass: async (ms) => {
      passed += ms;
    },
    run: (work) => work,
    end: () => {
      rmSync(location, { recursive: true, force: true });
    },
  };
}
