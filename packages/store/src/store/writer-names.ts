import type { Backend } from "@zspine/core";
import { JOB_PREFIX } from "../compactor/compaction-job.ts";
import { LOAN_PREFIX } from "../head/loan-name.ts";
import { TABLE_PREFIX } from "../head/table-name.ts";
import { MAIL_PREFIX } from "../mail/mailbox.ts";
import { listValues } from "../recovery/first-round.ts";
import type { Recovered } from "../recovery/recovered.ts";
import { BATCH_PREFIX, writerName } from "../tier/batch-names.ts";
import { WARM_PREFIX } from "../tier/warm-list.ts";

/** Chooses a writer whose batches and tables cannot be taken for those that are there. */
export function chooseWriter(random: () => number, names: readonly string[]): number {
  for (;;) {
    const writer = random();
    if (!names.some((name) => isOf(writer, name))) return writer;
  }
}

/** Tells whether a writer has put a value. */
function isOf(writer: number, name: string): boolean {
  const own = writerName(writer);
  return [BATCH_PREFIX, JOB_PREFIX, LOAN_PREFIX, TABLE_PREFIX, WARM_PREFIX].some((prefix) =>
    name.startsWith(`${prefix}${own}-`),
  );
}

/** Tells whether what others have left is still to be looked for; what a head that was passed over names is evidence. */
export function looksForOrphans({ capabilities }: Backend, { report }: Recovered): boolean {
  return capabilities.durable && capabilities.shared && report.passedOver === undefined;
}

/** Lists the values that others have put. */
export async function listForeign(backend: Backend, writer: number): Promise<string[]> {
  return (await listValues(backend)).filter((name) => !isOf(writer, name) && !name.startsWith(MAIL_PREFIX));
}
