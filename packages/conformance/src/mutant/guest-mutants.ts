import { forwardBackend, handleOf, type Backend } from "@zspine/core";
import { pause, readChanged, replacing, type MutantRecipe, type Open } from "./mutant-recipe.ts";

/** Changes how a value is created. */
const creating = (create: (correct: Backend) => NonNullable<Backend["create"]>): MutantRecipe["spoil"] =>
  replacing((correct) => ({ create: create(correct) }));

/** Replaces methods of guests only. */
const ofGuests =
  (replace: (correct: Backend) => Partial<Backend>): ((open: Open) => Open) =>
  (open) =>
  async (place, options) => {
    const correct = forwardBackend(await open(place, options));
    return options?.guest === true ? { ...correct, ...replace(correct) } : correct;
  };

/** Backends that create values wrongly. */
const createMutants: readonly MutantRecipe[] = [
  {
    name: "puts where it is to create",
    law: "create() changes nothing of what is there",
    needs: ["guests"],
    spoil: creating((correct) => async (name, bytes) => {
      await correct.write([{ type: "put", name, bytes }]);
      return true;
    }),
  },
  {
    name: "looks, waits, and then puts what it is to create",
    law: "of all who create one name, one does",
    needs: ["guests"],
    spoil: creating((correct) => async (name, bytes, options) => {
      if ((await correct.get(name, undefined, options)) !== undefined) return false;
      await pause(2);
      await correct.write([{ type: "put", name, bytes }]);
      return true;
    }),
  },
  {
    name: "tells all who create a name that they did",
    law: "create() tells whether this call did",
    needs: ["guests"],
    spoil: creating((correct) => async (name, bytes, options) => {
      await correct.create!(name, bytes, options);
      return true;
    }),
  },
  {
    name: "fails to create what was removed",
    law: "what was removed may be created again",
    needs: ["guests"],
    spoil: creating((correct) => {
      const created = new Set<string>();
      return async (name, bytes, options) =>
        !created.has(name) && created.add(name) !== undefined && correct.create!(name, bytes, options);
    }),
  },
  {
    name: "takes any name for one to create",
    law: "no name leaves the location",
    needs: ["guests"],
    spoil: creating((correct) => async (name, bytes, options) => {
      const near = name.toLowerCase().replaceAll(/[^a-z0-9/_-]/g, "x");
      return correct.create!(near.replaceAll(/^\/+|\/+(?=\/|$)/g, "").slice(0, 200) || "x", bytes, options);
    }),
  },
  {
    name: "does not look at the signal of create()",
    law: "a call whose signal has fired before does nothing",
    needs: ["guests"],
    spoil: creating((correct) => (name, bytes) => correct.create!(name, bytes)),
  },
  {
    name: "says that it has created before it has",
    law: "what is acknowledged has happened",
    needs: ["guests"],
    spoil: creating((correct) => async (name, bytes, options) => {
      const taken = bytes.slice();
      if ((await correct.get(name, undefined, options)) !== undefined) return false;
      void pause(5)
        .then(() => correct.create!(name, taken, options))
        .catch(() => undefined);
      return true;
    }),
  },
];

/** Guests that see or do too much or too little. */
const besideMutants: readonly MutantRecipe[] = [
  {
    name: "forgets what was created when the writer is closed",
    law: "what was created survives",
    needs: ["guests", "durable"],
    spoil(open) {
      const created = new Map<string, Set<string>>();
      return async (place, options) => {
        const correct = forwardBackend(await open(place, options));
        const names = created.get(place) ?? new Set();
        created.set(place, names);
        const create: Backend["create"] = async (name, bytes, how) => {
          names.add(name);
          return correct.create!(name, bytes, how);
        };
        const close = async (): Promise<void> => {
          if (options?.guest !== true)
            await correct.write([...names].map((name) => ({ type: "remove", name })));
          await correct.close();
        };
        return handleOf({ ...correct, create, close });
      };
    },
  },
  {
    name: "lets each guest create for itself",
    law: "what is created is seen by all",
    needs: ["guests", "durable"],
    spoil: ofGuests((correct) => {
      const own = new Map<string, Uint8Array>();
      return {
        create: async (name, bytes) => !own.has(name) && own.set(name, bytes.slice()) !== undefined,
        ...readChanged(correct, { given: (bytes, name) => own.get(name) ?? bytes }),
      };
    }),
  },
  {
    name: "shows a guest nothing that came after it was opened",
    law: "a guest reads what is there",
    needs: ["guests", "durable"],
    spoil: ofGuests((correct) => {
      const first = correct.readHead();
      first.catch(() => undefined);
      return { readHead: () => first };
    }),
  },
  {
    name: "remembers that a value was not there",
    law: "who is told that a value is there can read it",
    needs: ["guests", "durable"],
    spoil: replacing((correct) => {
      const absent = new Set<string>();
      return readChanged(correct, {
        given(bytes, name) {
          if (bytes === undefined) absent.add(name);
          return absent.has(name) ? undefined : bytes;
        },
      });
    }),
  },
  {
    name: "lets a guest remove nothing",
    law: "a guest removes what was created",
    needs: ["guests", "durable"],
    spoil: ofGuests((correct) => ({
      write: (ops, options) =>
        correct.write(
          ops.filter(({ type }) => type === "put"),
          options,
        ),
    })),
  },
];

/** Makes guests that are none: handles of a writer, as many as one likes. */
const writersBeside: MutantRecipe = {
  name: "lets a guest make heads",
  law: "only the writer makes heads",
  needs: ["guests", "durable"],
  spoil(open) {
    const writers = new Map<string, Backend>();
    return async (place, options) => {
      const correct = forwardBackend(await open(place, options));
      if (options?.guest !== true) {
        writers.set(place, correct);
        return correct;
      }
      return {
        ...correct,
        createHead: (...args) => writers.get(place)!.createHead(...args),
      };
    };
  },
};

/** Backends that break the laws of guests. */
export const guestMutants: readonly MutantRecipe[] = [...createMutants, ...besideMutants, writersBeside];
