import type { SeededRandom } from "@zspine/conformance";
import type { Environment } from "@zspine/core";
import type { TemporalTrace } from "../../src/index.ts";
import type { Frontier } from "../../src/frontier/frontier.ts";
import type { CommitState } from "./head-ledger.ts";
import type { Oracle } from "./oracle.ts";

/** What the parts of a program know of it. */
export interface Course {
  readonly random: SeededRandom;
  readonly environment: Environment;
  /** What rows have as values, in order. */
  readonly values: readonly string[];
  readonly trace: TemporalTrace<number, string>;
  /** What the trace tells, as it is in the store. */
  readonly told: Frontier;
  /** How often a store was opened. */
  readonly life: number;
  /** The commit whose rows and upper are acknowledged, and what it has made last. */
  readonly n: number;
  readonly committed: CommitState;
  /** The last time that is complete and that no row has which is not committed; what is before all times for none. */
  readonly lastSettled: number;
  /** The same where rows that are not committed and cancel one another have been added up, as a store may do at any moment. */
  readonly lastSettledNet: number;
  /** Whether some rows may have come to the end of their life, so that what was given may be less now. */
  readonly mayHaveExpired: boolean;
  /** The states of commits from one on. */
  statesFrom(n: number): readonly CommitState[];
  /** The updates that have not come to the end of their life. */
  living(oracle: Oracle): Oracle;
  /** Begins to note that a head has all edits of now; what it gives is called when that is acknowledged. */
  settling(): () => void;
  /** Gives nothing where the medium fails. */
  io<T>(work: Promise<T>): Promise<T | undefined>;
  /** @throws unless both are written the same. */
  same(what: string, found: unknown, expected: unknown): void;
  /** @throws unless `isTrue`. */
  holds(isTrue: boolean, what: string, found: object): void;
  /** @throws the error unless it has one of the codes. */
  mayFail(error: unknown, codes: readonly string[]): void;
}
