import { AssertionFailure, describeError } from "../assertion/assertion.ts";
import type { Case } from "./case.ts";

/** A case of a suite, which is still to be told of what it proves. */
export interface UnboundCase<Fixture> {
  readonly name: string;
  /** Whether there is chance in it, so that its name is to state the seed. */
  readonly isSeeded?: boolean | undefined;
  run(fixture: Fixture): void | Promise<void>;
}

/** Makes a proof of a case: each run is on a fixture of its own, which is tidied up after it. */
export function bindCase<Fixture extends { closeAll(): Promise<void> }>(
  found: UnboundCase<Fixture>,
  seed: number,
  newFixture: () => Fixture,
): Case {
  const name = found.isSeeded === true ? `${found.name} (seed ${seed})` : found.name;
  const run = async (): Promise<void> => {
    const fixture = newFixture();
    try {
      await found.run(fixture);
      await fixture.closeAll();
    } catch (error) {
      // What the case found matters; what goes wrong while tidying up after it does not.
      await fixture.closeAll().catch(() => undefined);
      throw new AssertionFailure(`${name}: ${describeError(error)}`, { cause: error });
    }
  };
  return { name, run };
}
