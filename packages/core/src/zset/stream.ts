import { checkIterable } from "../input/rows.ts";
import { checkZSet, withParts, type AnyZSet } from "./any-zset.ts";
import { add, diff } from "./group.ts";

// A stream is a sequence of Z-sets, one for each step (DBSP, section 2). These are generators: lazy, so that
// they compose and hold one Z-set each. Who is called step by step instead writes the step itself:
// `state = add(state, delta)` integrates, and `diff(before, state)` differentiates.

/**
 * Gives the sum of all Z-sets so far, at each: makes states of deltas. `initial` is the state before the
 * first. Each step costs what `add` does.
 *
 * Law: `integrate` and `differentiate` are each other's inverse.
 *
 * @throws As `add`.
 */
export function integrate<Z extends AnyZSet>(
  deltas: Iterable<Z>,
  initial?: Z,
): Generator<Z, void, undefined> {
  return integrateEach(zsetsOf("integrate", deltas, initial), initial);
}

function* integrateEach<Z extends AnyZSet>(
  deltas: Iterable<Z>,
  initial: Z | undefined,
): Generator<Z, void, undefined> {
  let state = initial;
  for (const delta of deltas) {
    state = state === undefined ? delta : add(state, delta);
    yield state;
  }
}

/**
 * Gives the difference of each Z-set to the one before: makes deltas of states. `initial` is the state
 * before the first. Each step costs what `diff` does.
 *
 * @throws As `diff`.
 */
export function differentiate<Z extends AnyZSet>(
  states: Iterable<Z>,
  initial?: Z,
): Generator<Z, void, undefined> {
  return differentiateEach(zsetsOf("differentiate", states, initial), initial);
}

function* differentiateEach<Z extends AnyZSet>(
  states: Iterable<Z>,
  initial: Z | undefined,
): Generator<Z, void, undefined> {
  let before = initial;
  for (const state of states) {
    yield before === undefined ? state : diff(before, state);
    before = state;
  }
}

/**
 * Gives at each step the Z-set of the step before, and at the first `initial`, or an empty one: as many
 * Z-sets as it takes.
 *
 * Law: `differentiate(s)` is `s` less `delay(s)`, step by step.
 */
export function delay<Z extends AnyZSet>(sequence: Iterable<Z>, initial?: Z): Generator<Z, void, undefined> {
  return delayEach(zsetsOf("delay", sequence, initial), initial);
}

function* delayEach<Z extends AnyZSet>(
  sequence: Iterable<Z>,
  initial: Z | undefined,
): Generator<Z, void, undefined> {
  let before = initial;
  for (const zset of sequence) {
    yield before ?? withParts(zset, []);
    before = zset;
  }
}

/** Checks a stream at once, and what comes of it as it comes. */
function zsetsOf<Z extends AnyZSet>(
  what: string,
  sequence: Iterable<Z>,
  initial: Z | undefined,
): Iterable<Z> {
  checkIterable(sequence, what, "Z-sets in an array or another iterable", "pass [zset]");
  if (initial !== undefined) checkZSet(what, initial);
  return checkedEach(what, sequence);
}

function* checkedEach<Z extends AnyZSet>(what: string, sequence: Iterable<Z>): Generator<Z, void, undefined> {
  for (const zset of sequence) {
    checkZSet(what, zset);
    yield zset;
  }
}
