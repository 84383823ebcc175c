import type { ChildLine, KillPlan } from "./child-report.ts";
import type { ChildLife } from "./killed-child.ts";

type LineOf<Type extends ChildLine["type"]> = Extract<ChildLine, { readonly type: Type }>;

/** What a file system, and LevelDB, may take beside the rows of the two newest heads. */
const DISK_FACTOR = 4;
const DISK_FREE_BYTES = 16 * 1024 * 1024;

/**
 * Keeps what children have acknowledged, and finds what is not as it must be: of every child, what the one before
 * it has left. That is: all that it acknowledged, of what it had called after that some or nothing, and nothing that
 * was half done. Of two commits called at a time one may wait for the other, so that is one commit, or two.
 */
export class KillLedger {
  kills = 0;
  /** Each with the plan of the child before. */
  readonly failures: string[] = [];
  private readonly title: string;
  private readonly startMs = performance.now();
  private acknowledged = 0;
  private called = 0;
  private acknowledgedAll = 0;
  private unacknowledged = 0;
  private orphans = 0;
  private before = "nobody";
  private readonly moments = new Map<string, number>();

  constructor(title: string) {
    this.title = title;
  }

  /** Begins with a new store. */
  begin(): void {
    this.acknowledged = 0;
    this.called = 0;
    this.before = "nobody";
  }

  /** Enters the life of a child, of which the one before is judged by. */
  enter(plan: KillPlan, life: ChildLife): void {
    const { lines, isKilled, exitCode, errors } = life;
    const open = find(lines, "open");
    const checked = find(lines, "checked");
    if (open !== undefined) this.judgeOpening(open);
    if (checked !== undefined) this.judgeCheck(checked);
    if (!isKilled && find(lines, "closed") === undefined)
      this.fail(`the next child ended by itself (${exitCode}): ${errors}`);
    this.called = lines.findLast((line) => line.type === "called")?.steps ?? this.called;
    const last = lines.findLast((line) => line.type === "acknowledged");
    if (last !== undefined) {
      const from = open?.steps ?? 0;
      if (last.steps < from) this.fail(`commits were acknowledged from ${from}, up to ${last.steps}`);
      this.acknowledgedAll += lines.filter((line) => line.type === "acknowledged").length;
      this.acknowledged = last.steps;
    }
    this.before = JSON.stringify(plan);
    if (!isKilled) return;
    this.kills++;
    const moment = find(lines, "kill")?.during ?? `by the parent: ${stageOf(lines)}`;
    this.moments.set(moment, (this.moments.get(moment) ?? 0) + 1);
  }

  /** One line of figures, and the moments of the kills. */
  get summary(): string {
    const seconds = (performance.now() - this.startMs) / 1000;
    const moments = Array.from(this.moments, ([moment, count]) => `${count} ${moment}`).sort();
    return (
      `${this.title}: ${this.kills} kills in ${seconds.toFixed(1)} s, ${this.acknowledgedAll} commits acknowledged, ` +
      `${this.unacknowledged} there without that, ${this.orphans} orphans removed, ${this.failures.length} failures\n` +
      moments.map((moment) => `  ${moment}`).join("\n")
    );
  }

  private judgeOpening({ steps, orphans, orphansRemoved }: LineOf<"open">): void {
    if (steps < this.acknowledged)
      this.fail(`lost: ${this.acknowledged} were acknowledged, ${steps} are there`);
    if (steps > this.called) this.fail(`${steps} are there, and only ${this.called} had been called`);
    this.unacknowledged += Math.max(0, steps - this.acknowledged);
    if (orphans !== orphansRemoved) this.fail(`${orphansRemoved} of ${orphans} orphans were removed`);
    this.orphans += orphansRemoved;
    this.acknowledged = steps;
    this.called = steps;
  }

  private judgeCheck({ problems, storedBytes, diskBytes }: LineOf<"checked">): void {
    for (const problem of problems.slice(0, 3)) this.fail(`${problem} (of ${problems.length} problems)`);
    if (diskBytes > DISK_FACTOR * storedBytes + DISK_FREE_BYTES)
      this.fail(`${diskBytes} bytes are on the disk for ${storedBytes} bytes of rows`);
  }

  private fail(what: string): void {
    this.failures.push(`kill ${this.kills}, ${this.before}: ${what}`);
  }
}

function find<Type extends ChildLine["type"]>(
  lines: readonly ChildLine[],
  type: Type,
): LineOf<Type> | undefined {
  return lines.find((line): line is LineOf<Type> => line.type === type);
}

function stageOf(lines: readonly ChildLine[]): string {
  const part = lines.findLast((line) => line.type === "part")?.part ?? "work";
  if (find(lines, "checked") !== undefined) return part;
  return find(lines, "open") === undefined ? "starting or opening" : "being checked";
}
