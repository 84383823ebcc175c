import { describe, expect, it } from "vitest";
import { decodeLoan, encodeLoan, type Loan } from "../../src/tier/loan.ts";

const NAME = "loan/0000002a-7";
const loan: Loan = { id: "a1", name: "clone", values: ["batch/a", "batch/b"], valueBytes: [10, 20] };

describe("a loan", () => {
  it("is what was encoded", () => {
    expect(decodeLoan(encodeLoan(NAME, loan), NAME)).toEqual(loan);
  });

  it.each<[string, Partial<Loan>]>([
    ["names a value twice", { values: ["batch/a", "batch/a"] }],
    ["tells fewer lengths than values", { valueBytes: [10] }],
    ["tells more lengths than values", { valueBytes: [10, 20, 30] }],
    ["tells a length that is none", { valueBytes: [10, -1] }],
    ["names what no value is named", { values: ["batch/a", ""] }],
  ])("is not taken for one where it %s", (_, wrong) => {
    expect(() => decodeLoan(encodeLoan(NAME, { ...loan, ...wrong }), NAME)).toThrowError(
      expect.objectContaining({ code: "ZSPINE_CORRUPT" }),
    );
  });

  it("is not taken for another's", () => {
    expect(() => decodeLoan(encodeLoan(NAME, loan), "loan/0000002a-8")).toThrowError(
      expect.objectContaining({ code: "ZSPINE_CORRUPT" }),
    );
  });
});
