import { isZspineError, ZspineError, type Backend, type WriteOp } from "@zspine/core";
import { pause, replacing, type MutantRecipe } from "./mutant-recipe.ts";

/** How a mutant that keeps its heads by itself does so. */
interface LooseHeads {
  /** Tells whether a head of that number may be created. The default is the law. */
  readonly accepts?: (number: number, newest: number, kept: ReadonlyMap<number, Uint8Array>) => boolean;
  /** Whether it looks first, and creates a microtask later. */
  readonly isLate?: boolean;
  /** Whether it keeps the bytes that it is given, and gives those that it keeps. */
  readonly copies?: "in" | "out";
}

const conflict = () => new ZspineError("ZSPINE_CONFLICT", "this is not the next head");

/** Keeps heads in a map of its own, so that a rule can be left out. */
const looseHeads = ({ accepts, isLate = false, copies }: LooseHeads): MutantRecipe["spoil"] =>
  replacing((correct) => {
    const kept = new Map<number, Uint8Array>();
    let newest = 0;
    const isNext = accepts ?? ((number) => number === newest + 1);
    return {
      async createHead(number, bytes, ops, options) {
        await correct.readHead(undefined, options);
        if (!isNext(number, newest, kept)) throw conflict();
        if (isLate) await pause(1);
        newest = number;
        kept.set(number, copies === "out" ? bytes : bytes.slice());
        for (const old of [...kept.keys()].sort((a, b) => b - a).slice(2)) kept.delete(old);
        await correct.write(ops, options);
      },
      async readHead(number = newest, options) {
        await correct.readHead(undefined, options);
        const bytes = kept.get(number);
        return bytes && { number, bytes: copies === "in" ? bytes : bytes.slice() };
      },
    };
  });

/** Changes how a head is created. */
const creating = (createHead: (correct: Backend) => Backend["createHead"]): MutantRecipe["spoil"] =>
  replacing((correct) => ({ createHead: createHead(correct) }));

/** Changes the error of a conflict. */
const conflicting = (change: (error: ZspineError) => unknown): MutantRecipe["spoil"] =>
  creating((correct) => async (number, bytes, ops, options) => {
    try {
      await correct.createHead(number, bytes, ops, options);
    } catch (error) {
      const changed = isZspineError(error, "ZSPINE_CONFLICT") ? change(error) : error;
      if (changed !== undefined) throw changed;
    }
  });

/** Does the operations of a head by a write of its own. */
async function writeApart(correct: Backend, ops: readonly WriteOp[]): Promise<void> {
  for (const op of ops) {
    await pause(1);
    await correct.write([op]);
  }
}

/** Backends whose heads can be numbered wrongly. */
const numberMutants: readonly MutantRecipe[] = [
  {
    name: "creates the newest head again",
    law: "a head that exists is a conflict",
    spoil: looseHeads({
      accepts: (number, newest) => number === newest + 1 || (number === newest && newest > 0),
    }),
  },
  {
    name: "leaves out numbers",
    law: "a head is one above the newest",
    spoil: looseHeads({ accepts: (number, newest) => number > newest }),
  },
  {
    name: "begins at any number",
    law: "the first head is 1",
    spoil: looseHeads({ accepts: (number, newest) => number === newest + 1 || (newest === 0 && number > 0) }),
  },
  {
    name: "creates a head 0",
    law: "the first head is 1",
    spoil: looseHeads({ accepts: (number, newest) => number === newest + 1 || number === 0 }),
  },
  {
    name: "takes the number of a dropped head for a free one",
    law: "a number is never used again",
    spoil: looseHeads({
      accepts: (number, newest, kept) => number > 0 && number <= newest + 1 && !kept.has(number),
    }),
  },
  {
    name: "looks, waits, and then creates",
    law: "of those who create a head at once, one does",
    spoil: looseHeads({ isLate: true }),
  },
  {
    name: "keeps the bytes of the one who creates a head",
    law: "a backend has taken what it needs when the call has settled",
    spoil: looseHeads({ copies: "out" }),
  },
  {
    name: "gives its own bytes of a head",
    law: "what readHead() returns belongs to the caller",
    spoil: looseHeads({ copies: "in" }),
  },
  {
    name: "uses up a number by a conflict",
    law: "a conflict changes nothing",
    spoil: creating((correct) => {
      let used = 0;
      return async (number, bytes, ops, options) => {
        if (number === used) throw conflict();
        await correct.createHead(number, bytes, ops, options).catch(async (error: unknown) => {
          if (isZspineError(error, "ZSPINE_CONFLICT")) used = ((await correct.readHead())?.number ?? 0) + 1;
          throw error;
        });
      };
    }),
  },
];

/** Backends that read other heads than were created. */
const readMutants: readonly MutantRecipe[] = [
  {
    name: "keeps one head",
    law: "the two newest heads are kept",
    spoil: replacing((correct) => ({
      async readHead(number, options) {
        const newest = await correct.readHead(undefined, options);
        return number === undefined || number === newest?.number ? newest : undefined;
      },
    })),
  },
  {
    name: "reads the older head for the newest",
    law: "readHead() reads the newest",
    spoil: replacing((correct) => ({
      async readHead(number, options) {
        const newest = await correct.readHead(number, options);
        if (number !== undefined || newest === undefined || newest.number === 1) return newest;
        return correct.readHead(newest.number - 1, options);
      },
    })),
  },
  {
    name: "reads the newest head for any number",
    law: "readHead() of a number reads that head",
    spoil: replacing((correct) => ({ readHead: (_number, options) => correct.readHead(undefined, options) })),
  },
  {
    name: "takes an empty head for none",
    law: "a head may be empty",
    spoil: replacing((correct) => ({
      async readHead(number, options) {
        const head = await correct.readHead(number, options);
        return head?.bytes.length === 0 ? undefined : head;
      },
    })),
  },
];

/** Backends with which operations do not land as they should. */
const landingMutants: readonly MutantRecipe[] = [
  {
    name: "creates the head before its operations",
    law: "what a head names is there when the head is",
    spoil: creating((correct) => async (number, bytes, ops, options) => {
      await correct.createHead(number, bytes, [], options);
      await writeApart(correct, ops);
    }),
  },
  {
    name: "removes before the head is there",
    law: "what the newest head names stays until the next head is there",
    spoil: creating((correct) => async (number, bytes, ops, options) => {
      const newest = (await correct.readHead(undefined, options))?.number ?? 0;
      if (number === newest + 1) await writeApart(correct, ops);
      await pause(2);
      await correct.createHead(number, bytes, [], options);
    }),
  },
  {
    name: "does the operations of a head that conflicts",
    law: "a conflict changes nothing",
    spoil: creating((correct) => async (number, bytes, ops, options) => {
      await correct.readHead(undefined, options);
      await writeApart(correct, ops);
      await correct.createHead(number, bytes, [], options);
    }),
  },
  {
    name: "leaves out the operations of a head",
    law: "operations land with the head",
    spoil: creating(
      (correct) => (number, bytes, _ops, options) => correct.createHead(number, bytes, [], options),
    ),
  },
  {
    name: "does not say that there was a conflict",
    law: "a head that was not created is a failure",
    spoil: conflicting(() => undefined),
  },
  {
    name: "calls a conflict a failure of the medium",
    law: "a conflict is ZSPINE_CONFLICT",
    spoil: conflicting((error) => new ZspineError("ZSPINE_IO", error.message, { cause: error })),
  },
  {
    name: "calls a conflict indeterminate",
    law: "after a conflict it is certain that the head was not created",
    spoil: conflicting((error) => new ZspineError(error.code, error.message, { determinate: false })),
  },
];

/** Backends that break the laws of heads. */
export const headMutants: readonly MutantRecipe[] = [...numberMutants, ...readMutants, ...landingMutants];
