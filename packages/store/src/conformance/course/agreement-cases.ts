import { AgreementProgram } from "./agreement-program.ts";
import { COLUMN_SAMPLES, NOTHING_SAMPLE } from "../sample/column-sample.ts";
import { test, type StoreCase } from "../suite/store-case.ts";

const STEPS = 120;
const VALUE_SAMPLES = [...COLUMN_SAMPLES, NOTHING_SAMPLE];

/** Random programs over every type of column, beside a plain reference. */
export const agreementCases: readonly StoreCase[] = COLUMN_SAMPLES.map((key) =>
  test(
    `A9 A5 B1 a random program of ${STEPS} steps over keys of ${key.name} agrees with the reference`,
    async (fixture) => {
      const value = fixture.random.pick(VALUE_SAMPLES);
      const stagingRows = fixture.random.pick([1, 4, 16, 100]);
      const store = await fixture.open({ stagingRows });
      const program = new AgreementProgram(store, fixture.random, key, value);
      try {
        await program.run(STEPS);
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`values of ${value.name}, stagingRows ${stagingRows}: ${why}`, { cause });
      }
    },
    { isSeeded: true },
  ),
);
