import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { repertoires } from "../../src/player/repertoires.ts";
import type { Report } from "../../src/player/work.ts";
import { idOf, type Row } from "../../src/suite/row.ts";
import { rowsOf } from "../../src/suite/rows.ts";
import { makeWorkload } from "../../src/workload/make-workload.ts";
import { Workload } from "../../src/workload/workload.ts";

/** Has each of these contestants play the rows of the suite that are chosen, in this process, and holds every answer. */
export function itPlays(players: readonly string[], isChosen: (row: Row) => boolean): void {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "zspine-bench-works-"));
    // `classic-level` is there anyway: the backend for LevelDB has it.
    vi.stubEnv("ZSPINE_BENCH_PEERS", fileURLToPath(new URL("../../..", import.meta.url)));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
  });

  // The budget is held to a store in memory by itself; recovery is of a store whose process is gone.
  const rows = rowsOf({ size: 2000, isLarge: false }).filter(
    (row) => row.part !== "budget" && row.part !== "runtimes" && row.work !== "recover" && isChosen(row),
  );
  const plays = rows.flatMap((row) =>
    row.contestants
      .filter((name) => players.includes(name))
      .map((player) => ({ name: `${player}: ${idOf(row)}`, player, row })),
  );
  const prepared = new Set<string>();

  async function play(
    player: string,
    work: string,
    { kind, n }: Row,
  ): Promise<{ reports: Report[]; check: unknown }> {
    makeWorkload(folder, kind, n);
    const repertoire = await repertoires[player]!();
    const workload = new Workload(folder, kind, n);
    const open = await repertoire[work]!({ workload, location: join(folder, `${player}-${kind}-${n}`) });
    const check = await open.check?.();
    const reports = [await open.run(), await open.run()];
    await open.close?.();
    return { reports, check };
  }

  it.each(plays)("$name", async ({ player, row }) => {
    const { kind, n, prepare, work, ways } = row;
    const preparation = `${player} ${prepare} ${kind} ${n}`;
    if (prepare !== undefined && !prepared.has(preparation)) {
      prepared.add(preparation);
      await play(player, prepare, row);
    }
    const { reports, check } = await play(player, ways?.[player] ?? work, row);
    const { answers } = new Workload(folder, kind, n);
    expect(check).toBe(row.check?.(answers));
    for (const report of reports) {
      expect(report.answer).toBe(row.answer(answers));
      for (const [figure, value] of Object.entries(report)) expect(Number.isFinite(value), figure).toBe(true);
    }
  });
}
