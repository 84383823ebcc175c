import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { chaos, type FaultPlan, type SeededRandom } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { hybrid } from "../../src/index.ts";
import { budgetLeaving } from "./ballast.ts";
import type { Calls } from "./calls.ts";

/** Where the stores of a program lie. */
export interface StoreMedium {
  readonly name: string;
  /** Whether what is committed is there when it is opened again. */
  readonly keeps: boolean;
  readonly hasBudget: boolean;
  /** Gives what to open, the same place each time; its calls meet what is planned. */
  newBackend(random: SeededRandom, plan: FaultPlan, calls: Calls): Backend | BackendOpener;
  /** Removes what is left. */
  end(): void;
}

const CLOCK = {
  schedule(run: () => void, delayMs: number): () => void {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

function struck(cold: BackendOpener, plan: FaultPlan, calls: Calls): BackendOpener {
  return {
    type: cold.type,
    open: async (how) => calls.watch(chaos(await cold.open(how), { plan, environment: CLOCK })),
    drop: () => cold.drop(),
  };
}

/** Bytes that the budget of a store leaves it, down to none. */
const LEFT = [0, 2000, 50_000, 400_000];

/** All media, each with a place of its own. */
export function storeMedia(): StoreMedium[] {
  const plain: StoreMedium = {
    name: "memory",
    keeps: false,
    hasBudget: false,
    newBackend: () => memory(),
    end: () => undefined,
  };
  return [plain, ...mediaOf("file"), ...mediaOf("level")];
}

function mediaOf(name: "file" | "level"): StoreMedium[] {
  const plugin = name === "file" ? file : level;
  return [
    { keeps: true, hasBudget: false },
    { keeps: true, hasBudget: true },
    { keeps: false, hasBudget: true },
  ].map(({ keeps, hasBudget }) => {
    // In memory where there is such a disk: the programs are about what is said, and not when it is on a disk.
    const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "zspine-hybrid-"));
    const location = join(folder, "store");
    return {
      name: `${hasBudget ? "hybrid over " : ""}${name}${keeps ? "" : ", keeps: false"}`,
      keeps,
      hasBudget,
      newBackend: (random, plan, calls) => {
        const opener = plugin(
          keeps ? { location } : { location, keeps, mayBeInMemory: true },
        ) as BackendOpener;
        const cold = struck(opener, plan, calls);
        return hasBudget ? hybrid({ cold, budget: budgetLeaving(random.pick(LEFT)) }) : cold;
      },
      end: () => {
        rmSync(folder, { recursive: true, force: true });
      },
    };
  });
}
