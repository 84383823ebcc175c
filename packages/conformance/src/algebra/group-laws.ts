import { assert } from "../assertion/assertion.ts";
import { assertRows, integersOf, plain, test, type Law } from "./law.ts";

/** Z-sets are a commutative group under addition, and a module over the integers; sets are among them. */
export const groupLaws: readonly Law[] = [
  test("A1 A2 add() adds weights and drops zeros, as the reference does", ({ algebra, a, b }) => {
    const expected = plain(a);
    expected.add(plain(b));
    assertRows(algebra.add(a, b), expected, "a + b");
  }),

  test("A5 add() is commutative and associative", ({ algebra: { add }, a, b, c }) => {
    assertRows(add(a, b), add(b, a), "a + b");
    assertRows(add(add(a, b), c), add(a, add(b, c)), "(a + b) + c");
  }),

  test("the empty Z-set is the identity, and negate() the inverse", ({
    algebra: { add, negate, subtract },
    a,
    b,
  }) => {
    const empty = integersOf([]);
    assertRows(add(a, empty), a, "a + 0");
    assertRows(add(a, negate(a)), empty, "a − a");
    assertRows(negate(negate(a)), a, "−(−a)");
    assertRows(subtract(a, b), add(a, negate(b)), "a − b");
    assertRows(negate(a), plain(a, -1), "−a");
  }),

  test("scale() distributes over add(), and over the sum of factors", ({
    algebra: { add, scale },
    a,
    b,
    random,
  }) => {
    const [n, m] = [random.int(-3, 3), random.int(-3, 3)];
    assertRows(scale(add(a, b), n), add(scale(a, n), scale(b, n)), `${n} (a + b)`);
    assertRows(scale(a, n + m), add(scale(a, n), scale(a, m)), `(${n} + ${m}) a`);
    assertRows(scale(a, n), plain(a, n), `${n} a`);
  }),

  test("distinct() is idempotent, and makes sets of what is positive", ({ algebra: { distinct }, a }) => {
    const set = distinct(a);
    assertRows(distinct(set), set, "distinct(distinct(a))");
    const expected = plain(a)
      .rows()
      .filter(({ weight }) => weight > 0);
    assertRows(
      set,
      expected.map((row) => ({ ...row, weight: 1 })),
      "distinct(a)",
    );
  }),

  test("a Z-set is its positive part less the positive part of its negative", ({ algebra, a }) => {
    const { positive, negate, subtract } = algebra;
    assertRows(subtract(positive(a), positive(negate(a))), a, "a⁺ − a⁻");
    assertRows(positive(positive(a)), positive(a), "positive(positive(a))");
  }),

  test("of sets, union and intersection together have the rows of both", ({ algebra, a, b }) => {
    const { add, distinct, except, intersect, union } = algebra;
    const [x, y] = [distinct(a), distinct(b)];
    assertRows(add(union(x, y), intersect(x, y)), add(x, y), "x ∪ y + x ∩ y");
    assertRows(add(except(x, y), intersect(x, y)), x, "x \\ y + x ∩ y");
    assertRows(union(x, x), x, "x ∪ x");
  }),

  test("equals() tells exactly whether the rows are the same", ({
    algebra: { add, equals, subtract },
    a,
    b,
  }) => {
    assert(equals(subtract(add(a, b), b), a), "(a + b) − b equals a");
    assert(equals(add(a, b), a) === (b.size === 0), "a + b equals a only where b is empty");
  }),
];
