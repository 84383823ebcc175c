import {
  add,
  aggregate,
  antijoin,
  differentiate,
  distinct,
  equals,
  except,
  filter,
  indexBy,
  integrate,
  intersect,
  join,
  keysOf,
  map,
  negate,
  positive,
  scale,
  semijoin,
  subtract,
  union,
} from "@zspine/core";

/** The functions whose laws are checked. */
export interface AlgebraUnderTest {
  readonly add: typeof add;
  readonly aggregate: typeof aggregate;
  readonly antijoin: typeof antijoin;
  readonly differentiate: typeof differentiate;
  readonly distinct: typeof distinct;
  readonly equals: typeof equals;
  readonly except: typeof except;
  readonly filter: typeof filter;
  readonly indexBy: typeof indexBy;
  readonly integrate: typeof integrate;
  readonly intersect: typeof intersect;
  readonly join: typeof join;
  readonly keysOf: typeof keysOf;
  readonly map: typeof map;
  readonly negate: typeof negate;
  readonly positive: typeof positive;
  readonly scale: typeof scale;
  readonly semijoin: typeof semijoin;
  readonly subtract: typeof subtract;
  readonly union: typeof union;
}

/** Those of `@zspine/core`. */
export const CORE_ALGEBRA: AlgebraUnderTest = {
  add,
  aggregate,
  antijoin,
  differentiate,
  distinct,
  equals,
  except,
  filter,
  indexBy,
  integrate,
  intersect,
  join,
  keysOf,
  map,
  negate,
  positive,
  scale,
  semijoin,
  subtract,
  union,
};
