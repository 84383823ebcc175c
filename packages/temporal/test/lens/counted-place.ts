import { memory } from "@zspine/backend-memory";
import { forward } from "@zspine/conformance";
import { handleOf, type BackendOpener, type WriteOp } from "@zspine/core";
import { retainedPlaces } from "../../../store/test/retained-places.ts";

/** A place in memory whose values are counted, by their bytes. */
export interface CountedPlace {
  readonly opener: BackendOpener;
  /** Bytes of the values that are there, and the most there were since `most` was set to 0. */
  bytes: number;
  most: number;
  /** Bytes of all values that were put, and the most of those that were put with one head. */
  written: number;
  mostWithHead: number;
  heads: number;
}

/** Makes a place of which nothing is missed: what is put counts before it is there, and what is removed until it is gone. */
export function countedPlace(): CountedPlace {
  const sizes = new Map<string, number>();
  const put = (ops: readonly WriteOp[]): number => {
    let sum = 0;
    for (const op of ops) {
      if (op.type !== "put") continue;
      place.bytes += op.bytes.length - (sizes.get(op.name) ?? 0);
      sizes.set(op.name, op.bytes.length);
      sum += op.bytes.length;
    }
    place.written += sum;
    place.most = Math.max(place.most, place.bytes);
    return sum;
  };
  const remove = (ops: readonly WriteOp[]): void => {
    for (const { type, name } of ops) {
      if (type !== "remove") continue;
      place.bytes -= sizes.get(name) ?? 0;
      sizes.delete(name);
    }
  };
  const there = retainedPlaces(() => memory({ preferredValueBytes: 65_536 })).opener("place");
  const opener: BackendOpener = {
    ...there,
    async open(how) {
      const backend = await there.open(how);
      return handleOf({
        ...forward(backend),
        async write(ops, options) {
          put(ops);
          await backend.write(ops, options);
          remove(ops);
        },
        async createHead(number, bytes, ops, options) {
          place.heads++;
          place.mostWithHead = Math.max(place.mostWithHead, put(ops));
          await backend.createHead(number, bytes, ops, options);
          remove(ops);
        },
      });
    },
  };
  const place: CountedPlace = { opener, bytes: 0, most: 0, written: 0, mostWithHead: 0, heads: 0 };
  return place;
}
