import { isDistinct } from "../workload/kind.ts";
import { begin, taken } from "./clock.ts";
import type { FillTable } from "./table.ts";
import { usedBytes } from "./used-bytes.ts";
import type { OpenWork } from "./work.ts";

/** Bytes of a table of all rows; nothing is timed. */
export function bytesWork(fill: FillTable): OpenWork {
  return ({ workload }) => ({
    async run() {
      const { kind, n, answers } = workload;
      // Read, so that the columns of the files are not counted.
      if (workload.rows.length !== n) throw new Error(`${workload.rows.length} rows, not ${n}`);
      const before = await usedBytes();
      const clock = begin();
      const table = await fill(workload);
      const time = taken(clock);
      const filled = await usedBytes();
      await table.compact?.();
      const compacted = await usedBytes();
      const answer = table.scan();
      await table.close?.();
      const rows = isDistinct(kind) ? n : answers.rows;
      return {
        ...time,
        answer,
        bytesPerRow: (filled - before) / rows,
        bytesCompacted: (compacted - before) / rows,
      };
    },
  });
}
