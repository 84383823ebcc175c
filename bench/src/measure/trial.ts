import type { Fixture } from "../data/fixture.ts";

/** One way to do the work. */
export interface Subject {
  /** Done before each run, outside the measured time. */
  before?(): Promise<void> | void;
  /** Does the work; gives an answer that depends on all of it, so that nothing can be optimised away. */
  run(): Promise<number> | number;
}

/** Work that is ready to be measured. */
export interface Trial {
  /** Rows that a run handles; of look-ups, keys. */
  readonly rows: number;
  /** What `verify` must give: a checksum of a naive computation's result. */
  readonly checksum: number;
  /** Does the work with the library, and reads the whole result back. */
  verify(): Promise<number> | number;
  /** What every run of either subject must give, found out by the naive computation. */
  readonly answer: number;
  readonly zspine: Subject;
  /** Plain JavaScript for the same. */
  readonly plain?: Subject;
  /** The same on a row per entry of `classic-level`; where there is no plain JavaScript. */
  readonly classicLevel?: Subject;
  /** What is counted beside the times, such as bytes; asked for after the last run. */
  counted?(): Promise<Readonly<Record<string, number>>> | Readonly<Record<string, number>>;
  close?(): Promise<void>;
}

/** A benchmark: work on the rows of a fixture. */
export interface Case<F = Fixture> {
  readonly name: string;
  open(fixture: F): Promise<Trial> | Trial;
}
