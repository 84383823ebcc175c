import type { SeededRandom } from "@zspine/conformance";
import type { TemporalTrace } from "../../src/index.ts";
import type { CommitState } from "./head-ledger.ts";
import type { Oracle } from "./oracle.ts";

/** What the parts of a program know of it. */
export interface Course {
  readonly random: SeededRandom;
  readonly values: readonly string[];
  readonly trace: TemporalTrace<number, string>;
  /** How often a store was opened. */
  readonly life: number;
  /** The commit whose rows and upper are acknowledged, and what it has made last. */
  readonly n: number;
  readonly committed: CommitState;
  /** The last time that is complete and that no row has which is not committed; what is before all times for none. */
  readonly lastSettled: number;
  /** The states of commits from one on. */
  statesFrom(n: number): readonly CommitState[];
  /** The updates that have not come to the end of their life. */
  living(oracle: Oracle): Oracle;
  /** Whether some may have, so that what was given may be less now. */
  readonly mayHaveExpired: boolean;
  /** Begins to note that a head has all edits of now; what it gives is called when that is acknowledged. */
  settling(): () => void;
  same(what: string, found: unknown, expected: unknown): void;
  /** @throws unless `isTrue`. */
  holds(isTrue: boolean, what: string, found: object): void;
  /** @throws the error unless it has one of the codes. */
  mayFail(error: unknown, codes: readonly string[]): void;
}
