/** Where code of the caller's runs inside a store. */
export type TrapPoint =
  | "getter"
  | "iterator"
  | "encode"
  | "decode"
  | "refine"
  | "choose"
  | "progress"
  | "merge"
  | "commit"
  | "discard"
  | "drop"
  | "stall"
  | "operation";

/** What a trap throws. */
export class TrapError extends Error {
  override readonly name = "TrapError";
}

/** Code of the caller's that does something at one of its calls, and nothing else. */
export class Traps {
  /** How often each point was passed. */
  readonly hits = new Map<TrapPoint, number>();
  hasSprung = false;
  private readonly point: TrapPoint | undefined;
  private readonly at: number;
  private readonly act: () => void;

  /** @param at At which call of `point`, counted from 1, it does `act`. */
  constructor(point?: TrapPoint, at = 0, act: () => void = () => undefined) {
    this.point = point;
    this.at = at;
    this.act = act;
  }

  hit(point: TrapPoint): void {
    const hits = (this.hits.get(point) ?? 0) + 1;
    this.hits.set(point, hits);
    if (point !== this.point || hits !== this.at) return;
    this.hasSprung = true;
    this.act();
  }
}
