import { isZspineError, type Backend, type ByteRange, type WriteOp } from "@zspine/core";
import {
  pause,
  readChanged,
  reading,
  renamed,
  replacing,
  writing,
  type MutantRecipe,
  type Open,
} from "./mutant-recipe.ts";

const partOf = (bytes: Uint8Array | undefined, range: ByteRange | undefined) =>
  range === undefined ? bytes : bytes?.slice(range.offset, range.offset + range.length);

const withBytes = (op: WriteOp, change: (bytes: Uint8Array) => Uint8Array): WriteOp =>
  op.type === "put" ? { ...op, bytes: change(op.bytes) } : op;

/** Gives every value under another name, so that different names become one. */
const renaming = (rename: (name: string) => string): ((open: Open) => Open) =>
  replacing((correct) => ({
    get: (name, range, options) => correct.get(rename(name), range, options),
    write: (ops, options) =>
      correct.write(
        ops.map((op) => renamed(op, rename)),
        options,
      ),
    createHead: (number, bytes, ops, options) =>
      correct.createHead(
        number,
        bytes,
        ops.map((op) => renamed(op, rename)),
        options,
      ),
  }));

/** Remembers, by name, the very bytes that a caller put, and reads them. */
function keepCallersBytes(correct: Backend): Partial<Backend> {
  const kept = new Map<string, Uint8Array>();
  const keep = (ops: readonly WriteOp[]): void => {
    for (const op of ops) if (op.type === "put") kept.set(op.name, op.bytes);
  };
  return {
    ...readChanged(correct, {
      given: (bytes, name, range) =>
        bytes === undefined ? undefined : partOf(kept.get(name)?.slice(), range),
    }),
    write(ops, options) {
      keep(ops);
      return correct.write(ops, options);
    },
    createHead(number, bytes, ops, options) {
      keep(ops);
      return correct.createHead(number, bytes, ops, options);
    },
  };
}

/** Gives whoever reads a value again the bytes that it gave before. */
function giveOwnBytes(correct: Backend): Partial<Backend> {
  const given = new Map<string, Uint8Array>();
  return readChanged(correct, {
    given(bytes, name, range) {
      if (bytes === undefined) return undefined;
      const place = `${name} ${range?.offset} ${range?.length}`;
      const before = given.get(place);
      if (before?.length === bytes.length) return before;
      given.set(place, bytes);
      return bytes;
    },
  });
}

/** Lets a value be read while only half of it is there. */
async function putInHalves(correct: Backend, ops: readonly WriteOp[]): Promise<void> {
  for (const op of ops) {
    if (op.type === "put" && op.bytes.length > 100_000) {
      await correct.write([{ ...op, bytes: op.bytes.subarray(0, op.bytes.length / 2) }]);
      await pause(3);
    }
    await correct.write([op]);
  }
}

/** Backends that give other values than were put. */
export const valueMutants: readonly MutantRecipe[] = [
  {
    name: "gives an empty value for none",
    law: "get() tells undefined when there is no value by that name",
    spoil: reading({ given: (bytes) => bytes ?? new Uint8Array(0) }),
  },
  {
    name: "gives none for an empty value",
    law: "an empty value is a value",
    spoil: reading({ given: (bytes) => (bytes?.length === 0 ? undefined : bytes) }),
  },
  {
    name: "gives the whole for a range",
    law: "get() of a range gives that part of the value",
    spoil: reading({ asked: () => undefined }),
  },
  {
    name: "takes the length of a range for its end",
    law: "a range is an offset and a length",
    spoil: reading({
      asked: () => undefined,
      given: (bytes, _name, range) =>
        range === undefined ? bytes : bytes?.slice(range.offset, range.length),
    }),
  },
  {
    name: "gives fewer bytes for a range that goes beyond the value",
    law: "a range that goes beyond the value fails with ZSPINE_CORRUPT",
    spoil: reading({ asked: () => undefined, given: (bytes, _name, range) => partOf(bytes, range) }),
  },
  {
    name: "fails with an error of its own for a range that goes beyond the value",
    law: "a failure is a ZspineError with the code of the contract",
    spoil: replacing((correct) => ({
      get: (name, range, options) =>
        correct.get(name, range, options).catch((error: unknown) => {
          throw isZspineError(error, "ZSPINE_CORRUPT") ? new RangeError("out of range") : error;
        }),
    })),
  },
  {
    name: "cuts values at 64 KiB",
    law: "a value has up to maxValueBytes",
    spoil: writing((ops) => ops.map((op) => withBytes(op, (bytes) => bytes.subarray(0, 65_536)))),
  },
  {
    name: "reads the bytes of the one who put them",
    law: "a backend has taken what it needs when the call has settled",
    spoil: replacing(keepCallersBytes),
  },
  {
    name: "gives the same bytes to all who read",
    law: "what get() returns belongs to the caller",
    spoil: replacing(giveOwnBytes),
  },
  {
    name: "puts the buffer that a view looks into",
    law: "a value has the bytes of the view that was put",
    spoil: writing((ops) => ops.map((op) => withBytes(op, (bytes) => new Uint8Array(bytes.buffer)))),
  },
  {
    name: "lets half a value be read",
    law: "a value is seen whole or not at all",
    spoil: replacing((correct) => ({ write: (ops) => putInHalves(correct, ops) })),
  },
  {
    name: "tells names apart by their first 100 characters",
    law: "a name has up to 200 characters",
    spoil: renaming((name) => name.slice(0, 100)),
  },
  {
    name: "takes / for _",
    law: "different names are different values",
    spoil: renaming((name) => name.replaceAll("/", "_")),
  },
  {
    name: "keeps values in an object with a prototype",
    law: "every name of the alphabet is a name like others",
    spoil: reading({ given: (bytes, name) => (name in {} ? undefined : bytes) }),
  },
  {
    name: "does not find at once what came with a head",
    law: "getSync() reads what get() reads",
    needs: ["syncReads"],
    spoil: replacing((correct) => {
      const late = new Set<string>();
      return {
        getSync: (name, range) => (late.has(name) ? undefined : correct.getSync?.(name, range)),
        createHead(number, bytes, ops, options) {
          for (const op of ops) late.add(op.name);
          return correct.createHead(number, bytes, ops, options);
        },
      };
    }),
  },
];
