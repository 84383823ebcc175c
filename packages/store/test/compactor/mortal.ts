import { forward, type SeededRandom } from "@zspine/conformance";
import { turn, type Backend, type Environment } from "@zspine/core";

/** A compactor that dies at its n-th call, and is held up at another, for long or for short. */
export interface Fate {
  readonly diesAt: number;
  readonly stallsAt: number;
  readonly stallMs: number;
}

export function drawFate(random: SeededRandom): Fate {
  return {
    diesAt: random.int(3, 120),
    stallsAt: random.int(2, 60),
    stallMs: random.pick([10, 2000]),
  };
}

/** Has the process of a handle die at a call, before it or after, and be held up at another. */
export function mortal(backend: Backend, fate: Fate, environment: Environment): Backend {
  let calls = 0;
  const pass = async <T>(work: () => Promise<T>): Promise<T> => {
    calls++;
    if (calls === fate.stallsAt) await turn(environment, fate.stallMs);
    if (calls > fate.diesAt) throw new Error("killed");
    const result = await work();
    if (calls === fate.diesAt) throw new Error("killed");
    return result;
  };
  const { create, get, getSync: _, write, ...others } = forward(backend);
  return {
    ...others,
    capabilities: { ...backend.capabilities, syncReads: false },
    get: (...given) => pass(() => get(...given)),
    write: (...given) => pass(() => write(...given)),
    create: (...given) => pass(() => create!(...given)),
  };
}
