import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, delay, differentiate, IndexedZSet, integrate, subtract } from "../../src/index.ts";
import { expectEqual, expectSame, reference, rowsOf, sumOf } from "./reference.ts";
import { key, pairs, SEED, value, type Pairs } from "./zset-arbitraries.ts";

const options = { seed: SEED, numRuns: 100 };
const streams = fc.array(pairs, { maxLength: 6 });
const empty = IndexedZSet.empty(key, value);

function expectStreams(a: Iterable<Pairs>, b: Iterable<Pairs>): void {
  const [x, y] = [[...a], [...b]];
  expect(x.length).toBe(y.length);
  for (const [i, zset] of x.entries()) expectEqual(zset, y[i]!);
}

describe(`streams of Z-sets (seed ${SEED})`, () => {
  it("integrate() gives the sum so far at each step", () => {
    const property = fc.property(streams, (deltas) => {
      for (const [i, state] of [...integrate(deltas)].entries()) {
        expectSame(state, sumOf(...deltas.slice(0, i + 1).map((delta) => reference(rowsOf(delta)))));
      }
    });
    fc.assert(property, options);
  });

  it("integrate() and differentiate() are each other's inverse, from any initial state", () => {
    const property = fc.property(streams, pairs, (stream, initial) => {
      expectStreams(differentiate(integrate(stream)), stream);
      expectStreams(integrate(differentiate(stream)), stream);
      expectStreams(differentiate(integrate(stream, initial), initial), stream);
      expectStreams(integrate(differentiate(stream, initial), initial), stream);
    });
    fc.assert(property, options);
  });

  it("delay() gives each Z-set one step later, and differentiate() is what is left of a stream without it", () => {
    const property = fc.property(streams, pairs, (stream, initial) => {
      expectStreams(delay(stream), [empty, ...stream].slice(0, stream.length));
      expectStreams(delay(stream, initial), [initial, ...stream].slice(0, stream.length));
      const delayed = [...delay(stream)];
      expectStreams(
        differentiate(stream),
        stream.map((zset, i) => subtract(zset, delayed[i]!)),
      );
    });
    fc.assert(property, options);
  });

  it("they are linear and time-invariant: they commute with add() and delay()", () => {
    const property = fc.property(fc.array(fc.tuple(pairs, pairs), { maxLength: 5 }), (stream) => {
      const [a, b] = [stream.map(([x]) => x), stream.map(([, y]) => y)];
      const both = stream.map(([x, y]) => add(x, y));
      const [left, right] = [[...integrate(a)], [...integrate(b)]];
      expectStreams(
        integrate(both),
        left.map((zset, i) => add(zset, right[i]!)),
      );
      expectStreams(integrate(delay(a)), delay(integrate(a)));
      expectStreams(differentiate(delay(a)), delay(differentiate(a)));
    });
    fc.assert(property, options);
  });

  it("they are lazy: one Z-set in, one out", () => {
    let taken = 0;
    function* endless(): Generator<Pairs, void, undefined> {
      for (;;) {
        taken++;
        yield empty;
      }
    }
    const states = integrate(differentiate(delay(endless())));
    states.next();
    states.next();
    expect(taken).toBe(2);
  });
});
