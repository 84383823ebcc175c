/** One proof, for any test runner: `it(case.name, case.run)`. Needs no runner: `run` rejects when it fails. */
export interface Case {
  /** States the behaviour, and the seed where there is chance in it. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A case that does not apply, and why: decided by what the plugin declares, and by nothing else. */
export interface SkippedCase {
  readonly name: string;
  readonly reason: string;
}
