import { ZspineError, type Backend, type WriteOp } from "@zspine/core";
import { pause, readChanged, replacing, writing, type MutantRecipe } from "./mutant-recipe.ts";

/** Does not put again a name that was removed. */
function buryRemoved(correct: Backend): Partial<Backend> {
  const buried = new Set<string>();
  return {
    async write(ops, options) {
      await correct.write(
        ops.filter((op) => op.type === "remove" || !buried.has(op.name)),
        options,
      );
      for (const op of ops) if (op.type === "remove") buried.add(op.name);
    },
  };
}

/** Keeps in a cache what was read, also when the name is put again. */
function readFromCache(correct: Backend): Partial<Backend> {
  const cache = new Map<string, Uint8Array>();
  return readChanged(correct, {
    given(bytes, name, range) {
      if (bytes === undefined || range !== undefined) return bytes;
      const kept = cache.get(name) ?? bytes.slice();
      cache.set(name, kept);
      return kept.slice();
    },
  });
}

/** Drops a write that comes while another is under way. */
function dropConcurrent(correct: Backend): Partial<Backend> {
  let isWriting = false;
  return {
    async write(ops, options) {
      if (isWriting) return;
      isWriting = true;
      await pause(1);
      await correct.write(ops, options).finally(() => {
        isWriting = false;
      });
    },
  };
}

/** Fails when it removes what is not there. */
async function removeStrictly(correct: Backend, ops: readonly WriteOp[]): Promise<void> {
  for (const op of ops) {
    if (op.type === "remove" && (await correct.get(op.name)) === undefined) {
      throw new ZspineError("ZSPINE_IO", `there is no ${op.name}`);
    }
    await correct.write([op]);
  }
}

/** Removes also what lies below a name. */
async function removeFolders(correct: Backend, ops: readonly WriteOp[]): Promise<void> {
  for (const op of ops) {
    await correct.write([op]);
    if (op.type === "put") continue;
    const below: WriteOp[] = [];
    for await (const name of correct.list(op.name)) below.push({ type: "remove", name });
    await correct.write(below);
  }
}

/** Backends that write otherwise than they were told. */
export const writeMutants: readonly MutantRecipe[] = [
  {
    name: "does the operations of a write in reverse",
    law: "write() does the operations in order",
    spoil: writing((ops) => [...ops].reverse()),
  },
  {
    name: "puts before it removes",
    law: "write() does the operations in order",
    spoil: writing((ops) => [
      ...ops.filter(({ type }) => type === "put"),
      ...ops.filter(({ type }) => type === "remove"),
    ]),
  },
  {
    name: "leaves out the last operation",
    law: "write() does all operations",
    spoil: writing((ops) => (ops.length > 1 ? ops.slice(0, -1) : ops)),
  },
  {
    name: "fails to remove what is not there",
    law: "removing a name that is not there does nothing",
    spoil: replacing((correct) => ({ write: (ops) => removeStrictly(correct, ops) })),
  },
  {
    name: "does not remove",
    law: "write() removes values",
    spoil: writing((ops) => ops.filter(({ type }) => type === "put")),
  },
  {
    name: "removes what begins with a name",
    law: "write() removes the one value",
    spoil: replacing((correct) => ({ write: (ops) => removeFolders(correct, ops) })),
  },
  {
    name: "does not put again what was removed",
    law: "a name may be put again once it was removed",
    spoil: replacing(buryRemoved),
  },
  {
    name: "reads from a cache that writing does not clear",
    law: "get() reads what was put last",
    spoil: replacing(readFromCache),
  },
  {
    name: "drops a write while another is under way",
    law: "an acknowledged write has happened",
    spoil: replacing(dropConcurrent),
  },
  {
    name: "acknowledges before it writes",
    law: "an acknowledged write has happened",
    spoil: replacing((correct) => ({
      async write(ops, options) {
        const copies = ops.map((op) => (op.type === "put" ? { ...op, bytes: op.bytes.slice() } : op));
        void pause(3)
          .then(() => correct.write(copies, options))
          .catch(() => undefined);
      },
    })),
  },
  {
    name: "drops writes that are relaxed",
    law: "relaxed writes are seen at once, and survive a killed process",
    spoil: replacing((correct) => ({
      write: (ops, options) => correct.write(options?.durability === "relaxed" ? [] : ops, options),
    })),
  },
  {
    name: "hides a value until the next write, when it is put alone",
    law: "an acknowledged write has happened",
    spoil: replacing((correct) => {
      let held: readonly WriteOp[] = [];
      return {
        async write(ops, options) {
          const due = ops.length === 1 ? held : [...held, ...ops];
          held = ops.length === 1 ? [...ops] : [];
          await correct.write(due, options);
        },
      };
    }),
  },
];
