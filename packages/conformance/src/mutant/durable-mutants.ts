import { forwardBackend, handleOf, isZspineError, ZspineError, type Backend } from "@zspine/core";
import { readChanged, replacing, type MutantRecipe, type Open } from "./mutant-recipe.ts";

/** Tells whether a value is lost, of those that are there when a backend is closed. */
type IsLost = (name: string, bytes: Uint8Array, relaxed: ReadonlySet<string>) => boolean;

/** Removes what is lost as the backend closes, which is otherwise correct. */
const losing =
  (isLost: IsLost): ((open: Open) => Open) =>
  (open) =>
  async (place) => {
    const correct = forwardBackend(await open(place));
    const relaxed = new Set<string>();
    const write: Backend["write"] = async (ops, options) => {
      for (const { name } of ops) if (options?.durability === "relaxed") relaxed.add(name);
      await correct.write(ops, options);
    };
    const close = async (): Promise<void> => {
      for await (const name of correct.list("")) {
        const bytes = await correct.get(name);
        if (bytes !== undefined && isLost(name, bytes, relaxed))
          await correct.write([{ type: "remove", name }]);
      }
      await correct.close();
    };
    return handleOf({ ...correct, write, close });
  };

/** Replaces methods of every handle on a place but the first. */
const reopening =
  (replace: (correct: Backend) => Partial<Backend>): MutantRecipe["spoil"] =>
  (open) => {
    const places = new Set<string>();
    const isKnown = (place: string): boolean => places.has(place) || !places.add(place);
    return replacing((correct, place) => (isKnown(place) ? replace(correct) : {}))(open);
  };

/** Finds, when a place is reopened, every value that was ever put there. */
function rememberAll(open: Open): Open {
  const places = new Map<string, Map<string, Uint8Array>>();
  return async (place) => {
    const correct = forwardBackend(await open(place));
    const found = places.get(place);
    const all = found ?? new Map<string, Uint8Array>();
    places.set(place, all);
    const write: Backend["write"] = (ops, options) => {
      for (const op of ops) if (op.type === "put") all.set(op.name, op.bytes.slice());
      return correct.write(ops, options);
    };
    const read = readChanged(correct, { given: (bytes, name) => bytes ?? all.get(name) });
    return found === undefined ? { ...correct, write } : { ...correct, ...read };
  };
}

/** Opens; on ZSPINE_LOCKED hands out the handle that holds the place, when `isAllowed` tells so. */
const sharing =
  (isAllowed: (place: string, refusals: Map<string, number>) => boolean): ((open: Open) => Open) =>
  (open) => {
    const handles = new Map<string, Backend>();
    const refusals = new Map<string, number>();
    return async (place) => {
      try {
        const handle = await open(place);
        handles.set(place, handle);
        return handle;
      } catch (error) {
        if (!isZspineError(error, "ZSPINE_LOCKED")) throw error;
        refusals.set(place, (refusals.get(place) ?? 0) + 1);
        if (!isAllowed(place, refusals)) throw error;
        return { ...(handles.get(place) as Backend), close: async () => undefined };
      }
    };
  };

/** Backends that forget, or remember what they should forget. */
const memoryMutants: readonly MutantRecipe[] = [
  {
    name: "forgets everything when it is closed",
    law: "everything acknowledged survives",
    needs: ["durable"],
    spoil: losing(() => true),
  },
  {
    name: "forgets what was relaxed when it is closed",
    law: "relaxed writes survive the end of the process",
    needs: ["durable"],
    spoil: losing((name, _bytes, relaxed) => relaxed.has(name)),
  },
  {
    name: "forgets empty values when it is closed",
    law: "everything acknowledged survives",
    needs: ["durable"],
    spoil: losing((_name, bytes) => bytes.length === 0),
  },
  {
    name: "finds the older head when it is reopened",
    law: "the newest head survives",
    needs: ["durable"],
    spoil: reopening((correct) => ({
      async readHead(number, options) {
        const newest = await correct.readHead(number, options);
        if (number !== undefined || newest === undefined || newest.number === 1) return newest;
        return correct.readHead(newest.number - 1, options);
      },
    })),
  },
  {
    name: "finds one head when it is reopened",
    law: "the two newest heads survive",
    needs: ["durable"],
    spoil: reopening((correct) => ({
      async readHead(number, options) {
        const newest = await correct.readHead(undefined, options);
        return number === undefined || number === newest?.number ? newest : undefined;
      },
    })),
  },
  {
    name: "takes any head when it is reopened",
    law: "a number is never used again",
    needs: ["durable"],
    spoil: reopening((correct) => ({
      async createHead(_number, bytes, ops, options) {
        const newest = (await correct.readHead(undefined, options))?.number ?? 0;
        await correct.createHead(newest + 1, bytes, ops, options);
      },
    })),
  },
  {
    name: "brings back what was removed when it is reopened",
    law: "what was removed stays removed",
    needs: ["durable"],
    spoil: rememberAll,
  },
  {
    name: "keeps all places in one",
    law: "a place holds what was written there",
    needs: ["durable"],
    spoil: (open) => () => open("the-only-place"),
  },
];

/** Backends that hold a place too little or too long. */
const lockMutants: readonly MutantRecipe[] = [
  {
    name: "lets two handles hold a place",
    law: "a place that is held is locked",
    needs: ["exclusive"],
    spoil: sharing(() => true),
  },
  {
    name: "unlocks a place when a second open is refused",
    law: "a refused open takes nothing away",
    needs: ["exclusive"],
    spoil: sharing((place, refusals) => (refusals.get(place) ?? 0) > 1),
  },
  {
    name: "does not unlock a place when it is closed",
    law: "close() lets go of the place",
    needs: ["exclusive"],
    spoil(open) {
      const opened = new Set<string>();
      return async (place) => {
        if (opened.has(place)) throw new ZspineError("ZSPINE_LOCKED", "held for ever");
        const handle = await open(place);
        opened.add(place);
        return handle;
      };
    },
  },
  {
    name: "unlocks a place of another when it is closed twice",
    law: "close() is idempotent",
    needs: ["exclusive"],
    spoil(open) {
      const unlocked = new Set<string>();
      const unlocking = replacing((correct, place) => {
        let closes = 0;
        return {
          async close() {
            if (++closes > 1) unlocked.add(place);
            await correct.close();
          },
        };
      });
      return sharing((place) => unlocked.has(place))(unlocking(open));
    },
  },
  {
    name: "calls a lock a failure of the medium",
    law: "a place that is held is ZSPINE_LOCKED",
    needs: ["exclusive"],
    spoil: (open) => async (place) => {
      try {
        return await open(place);
      } catch (error) {
        throw new ZspineError("ZSPINE_IO", "the place cannot be opened", { cause: error });
      }
    },
  },
];

/** Backends of which several handles hold a place, and do not see one another. */
const sharedMutants: readonly MutantRecipe[] = [
  {
    name: "lets each handle create heads for itself",
    law: "of those who create a head at once, one does",
    needs: ["shared"],
    spoil: replacing((correct) => {
      let own: { number: number; bytes: Uint8Array } | undefined;
      return {
        async createHead(number, bytes, ops) {
          if (number !== (own?.number ?? 0) + 1) throw new ZspineError("ZSPINE_CONFLICT", "not the next");
          own = { number, bytes: bytes.slice() };
          await correct.write(ops);
        },
        readHead: async () => own && { number: own.number, bytes: own.bytes.slice() },
      };
    }),
  },
];

/** Backends that break the laws of what is durable. */
export const durableMutants: readonly MutantRecipe[] = [...memoryMutants, ...lockMutants, ...sharedMutants];
