import {
  checkOptions,
  defineBackend,
  refused,
  withMethods,
  ZspineError,
  type Backend,
  type BackendByName,
  type BackendOpener,
  type BackendPlugin,
  type MemoryMonitor,
  type OpenOptions,
  type OptionKind,
} from "@zspine/core";
import { BYTES, POLICY_KINDS } from "../budget/budget-options.ts";
import type { Budget } from "../budget/budget.ts";
import { budgetOf } from "../budget/shared-budget.ts";
import { coldBackend, isOpener } from "./cold-backend.ts";
import type { HybridOptions } from "./hybrid-options.ts";
import { placed } from "./placed.ts";

const TYPE = "hybrid";

// What it is is told by `coldBackend`, with more advice than a kind has.
const COLD: OptionKind = { expected: "a backend", accepts: () => true };

const KINDS = {
  cold: COLD,
  budget: withMethods("a budget", "createBudget({ bytes: … })", ["enter", "resize", "stats"]),
  budgetBytes: BYTES,
  ...POLICY_KINDS,
};

/** Makes the plugin `hybrid` of a runtime. @param monitorOf Makes the monitor of the runtime. */
export function defineHybrid(monitorOf: () => MemoryMonitor): BackendPlugin<HybridOptions, BackendOpener> {
  return defineBackend({
    type: TYPE,
    create(options?: HybridOptions, byName?: BackendByName): BackendOpener {
      const form = 'write hybrid({ cold: file({ location: "./data" }) })';
      const checked = checkOptions(options ?? ({} as HybridOptions), TYPE, KINDS, form);
      const cold = coldBackend(checked.cold, byName);
      const budget = budgetIn(checked, monitorOf);
      return {
        type: TYPE,
        open: async (how) => placed(await opened(cold, how), TYPE, budget),
        drop: async () => {
          if (!isOpener(cold)) throw openAlready("drop");
          await cold.drop();
        },
      };
    },
  });
}

function budgetIn(options: HybridOptions, monitorOf: () => MemoryMonitor): Budget {
  const { budget, budgetBytes: bytes = "auto", policy, maxSpillBytes, monitor } = options;
  if (budget === undefined) return budgetOf(monitorOf, { bytes, policy, maxSpillBytes, monitor });
  for (const name of ["budgetBytes", "policy", "maxSpillBytes", "monitor"] as const) {
    if (options[name] === undefined) continue;
    const own = name === "budgetBytes" ? "bytes" : name;
    throw refused(
      [TYPE, name],
      "nothing beside budget",
      options[name],
      `say it of the budget: createBudget({ ${own}: … })`,
    );
  }
  return budget;
}

async function opened(cold: Backend | BackendOpener, how: OpenOptions | undefined): Promise<Backend> {
  if (isOpener(cold)) return cold.open(how);
  if (how?.readOnly === true && cold.capabilities.readOnly !== true)
    throw openAlready("open to be read only");
  return cold;
}

function openAlready(what: string): ZspineError {
  return new ZspineError(
    "ZSPINE_NOT_SUPPORTED",
    `cannot ${what} a hybrid backend over one that is open already; pass what is still to be opened, cold: file({ location: … })`,
  );
}
