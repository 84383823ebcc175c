import { oneOf, quote, refused, ZspineError, type OptionKind } from "@zspine/core";
import type { Store } from "@zspine/store";
import { environmentOf } from "@zspine/store/trace-kind";
import { changeOf } from "../commit/change.ts";
import { commitTogether } from "../commit/commit-together.ts";
import { MoveRecord } from "./move-record.ts";
import { runNamed } from "./named-work.ts";

/** What a store tells of an import or a migration into it. */
export interface MoveEntry {
  readonly kind: "import" | "migration";
  readonly name: string;
  /** Whether it has ended; one that has not goes on when it is called again. */
  readonly isDone: boolean;
  /** Rows of the source that were dealt with. */
  readonly rows: number;
}

/** What is stored of either. */
interface StoredMove {
  readonly rows: number;
  readonly isDone?: boolean;
  readonly stage?: string;
}

const KIND: OptionKind = oneOf("import", "migration");

/**
 * Lists the imports and migrations that a store knows by name, by kind and name.
 *
 * @throws (rejects with) `ZSPINE_INVALID_OPTIONS` for what is no store; as `store.trace()`.
 */
export async function moves(store: Store): Promise<readonly MoveEntry[]> {
  // Asked first, for it throws for what is no store.
  environmentOf(store);
  const record = await MoveRecord.find(store);
  if (record === undefined) return [];
  const entries: MoveEntry[] = [];
  for (const kind of ["import", "migration"] as const)
    for (const [name, { rows, isDone = false, stage }] of await record.list<StoredMove>(kind))
      entries.push({ kind, name, isDone: isDone || stage === "done", rows });
  return entries;
}

/**
 * Has a store forget an import or a migration, in a commit: its name can be used anew. Rows that are in stay; one that has not
 * ended cannot go on any more.
 *
 * @throws (rejects with) `ZSPINE_UNKNOWN_NAME` where there is none; `ZSPINE_CONFLICT` while it is under way; as
 *   `store.commit()`.
 */
export async function forgetMove(store: Store, kind: MoveEntry["kind"], name: string): Promise<void> {
  environmentOf(store);
  if (!KIND.accepts(kind)) throw refused(["forgetMove", "kind"], KIND.expected, kind);
  await runNamed(store, kind, name, async () => {
    const record = await MoveRecord.find(store);
    const text = record === undefined ? undefined : (await record.read(kind, name)).text;
    if (record === undefined || text === undefined)
      throw new ZspineError(
        "ZSPINE_UNKNOWN_NAME",
        `there is no ${kind} ${quote(name)}; moves(store) lists them`,
      );
    const change = changeOf(record.trace, record.change(kind, name, text, undefined));
    await commitTogether(store, [change], {}, async () => !(await record.has(kind, name, text)));
  });
}
