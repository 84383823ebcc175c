import { isZspineError, ZspineError, type Backend, type ReadOptions } from "@zspine/core";
import { replacing, type MutantRecipe } from "./mutant-recipe.ts";

async function namesOf(correct: Backend, prefix: string, options?: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const name of correct.list(prefix, options)) names.push(name);
  return names;
}

/** Lists what `change` makes of the names. */
const listing = (change: (names: string[], prefix: string) => Iterable<string>): MutantRecipe["spoil"] =>
  replacing((correct) => ({
    async *list(prefix, options) {
      yield* change(await namesOf(correct, prefix, options), prefix);
    },
  }));

/** Looks up the names anew for each step, and goes on at the same index. */
async function* listByIndex(correct: Backend, prefix: string, options?: ReadOptions): AsyncIterable<string> {
  for (let at = 0; ; at++) {
    const name = (await namesOf(correct, prefix, options))[at];
    if (name === undefined) return;
    yield name;
  }
}

/** Ends, as if there were no more names, when it can go on no longer. */
const endQuietly = (code: "ZSPINE_ABORTED" | "ZSPINE_CLOSED"): MutantRecipe["spoil"] =>
  replacing((correct) => ({
    async *list(prefix, options) {
      let yielded = 0;
      try {
        for await (const name of correct.list(prefix, options)) {
          yielded++;
          yield name;
        }
      } catch (error) {
        if (yielded === 0 || !isZspineError(error, code)) throw error;
      }
    },
  }));

/** Cannot write while a listing is open, and leaves it open when it is left early. */
function blockWrites(correct: Backend): Partial<Backend> {
  let open = 0;
  return {
    async *list(prefix, options) {
      open++;
      for await (const name of correct.list(prefix, options)) yield name;
      open--;
    },
    async write(ops, options) {
      if (open > 0) throw new ZspineError("ZSPINE_IO", "a listing is open");
      await correct.write(ops, options);
    },
  };
}

/** Gives every listing of a prefix the same iterator, as long as that has not ended. */
function shareListings(correct: Backend): Partial<Backend> {
  const open = new Map<string, AsyncIterable<string>>();
  return {
    list(prefix, options) {
      const found = open.get(prefix);
      if (found !== undefined) return found;
      const started = (async function* () {
        yield* correct.list(prefix, options);
        open.delete(prefix);
      })();
      open.set(prefix, started);
      return started;
    },
  };
}

/** Backends that list other names than there are. */
export const listMutants: readonly MutantRecipe[] = [
  {
    name: "lists in descending order",
    law: "list() yields names ascending",
    spoil: listing((names) => names.reverse()),
  },
  {
    name: "lists in the order of a dictionary",
    law: "list() yields names ascending by code unit",
    spoil: listing((names) => names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))),
  },
  {
    name: "lists in the order of a walk through folders",
    law: "list() yields names ascending by code unit",
    // "/" before everything else: what is in a folder comes right after it.
    spoil: listing((names) =>
      names.sort((a, b) => (a.replaceAll("/", "\0") < b.replaceAll("/", "\0") ? -1 : 1)),
    ),
  },
  {
    name: "lists all names whatever the prefix",
    law: "list() yields the names that begin with the prefix",
    spoil: replacing((correct) => ({ list: (_prefix, options) => correct.list("", options) })),
  },
  {
    name: "takes a prefix for a folder",
    law: "a prefix may end anywhere in a name",
    spoil: listing((names, prefix) =>
      names.filter(
        (name) => prefix === "" || prefix.endsWith("/") || name === prefix || name.startsWith(`${prefix}/`),
      ),
    ),
  },
  {
    name: "does not list the name that is the prefix",
    law: "a name begins with itself",
    spoil: listing((names, prefix) => names.filter((name) => name !== prefix)),
  },
  {
    name: "lists heads",
    law: "heads are not among the names",
    spoil: replacing((correct) => ({
      async *list(prefix, options) {
        const head = await correct.readHead();
        const names = await namesOf(correct, prefix, options);
        const own = `heads/${head?.number}`;
        yield* head !== undefined && own.startsWith(prefix) ? [...names, own].sort() : names;
      },
    })),
  },
  {
    name: "passes over a name when another is removed meanwhile",
    law: "what stays while a listing goes on is yielded",
    spoil: replacing((correct) => ({ list: (prefix, options) => listByIndex(correct, prefix, options) })),
  },
  {
    name: "yields a name twice when another is put before it meanwhile",
    law: "a listing yields each name once",
    spoil: replacing((correct) => ({
      async *list(prefix, options) {
        const names = await namesOf(correct, prefix, options);
        for (const name of names) {
          const before = (await namesOf(correct, "")).length;
          yield name;
          if ((await namesOf(correct, "")).length > before) yield name;
        }
      },
    })),
  },
  {
    name: "stops after 500 names",
    law: "list() yields all names",
    spoil: listing((names) => names.slice(0, 500)),
  },
  {
    name: "gives two listings one iterator",
    law: "each listing yields all names",
    spoil: replacing(shareListings),
  },
  {
    name: "keeps a listing open that was left early",
    law: "a listing that is left early leaves nothing behind",
    spoil: replacing(blockWrites),
  },
  {
    name: "ends a listing as if it were whole when it is closed",
    law: "a listing that cannot go on fails",
    spoil: endQuietly("ZSPINE_CLOSED"),
  },
  {
    name: "ends a listing as if it were whole when its signal fires",
    law: "a listing that cannot go on fails",
    spoil: endQuietly("ZSPINE_ABORTED"),
  },
];
