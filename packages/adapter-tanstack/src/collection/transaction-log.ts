import type { SchemaOf } from "@zspine/core";
import { INTEGER, TEXT, tupleOf } from "@zspine/core/engine";
import type { Store, Trace } from "@zspine/store";
import type { CommittedTx } from "../peer/contract.ts";

/** The term and the number of a transaction. */
type TxKey = readonly [term: number, seq: number];
/** The version that it has made, and its name. */
type TxValue = readonly [rowVersion: number, txId: string];

const SCHEMAS = {
  key: tupleOf(INTEGER, INTEGER) as unknown as SchemaOf<TxKey>,
  value: tupleOf(INTEGER, TEXT) as unknown as SchemaOf<TxValue>,
};

/** A transaction that was applied. */
export interface AppliedTx {
  readonly key: TxKey;
  readonly value: TxValue;
}

/** A row that is inserted, or taken out with weight −1. */
export interface LogChange extends AppliedTx {
  readonly weight: number;
}

/**
 * The transactions of a collection, as many as there is history for, in the order of terms and numbers. The last of them that
 * was let go of stays: all up to it have been applied.
 */
export class TransactionLog {
  private readonly trace: Trace<TxKey, TxValue>;

  private constructor(trace: Trace<TxKey, TxValue>) {
    this.trace = trace;
  }

  static async open(store: Store, name: string): Promise<TransactionLog> {
    return new TransactionLog(
      (await store.trace(name, { ...SCHEMAS, create: true })) as Trace<TxKey, TxValue>,
    );
  }

  /** Gives all of them. */
  async list(): Promise<AppliedTx[]> {
    const all: AppliedTx[] = [];
    for await (const { key, value } of this.trace.rows()) all.push({ key, value });
    return all;
  }

  /** The last in the order of terms and numbers. */
  async last(): Promise<AppliedTx | undefined> {
    for await (const { key, value } of this.trace.rows({ reverse: true, limit: 1 })) return { key, value };
    return undefined;
  }

  /** Tells whether one has been applied, be it so long ago that it is not listed any more. */
  async has({ term, seq }: CommittedTx): Promise<boolean> {
    if (await this.trace.has([term, seq])) return true;
    const first = await this.first();
    return first !== undefined && first.value[0] < 0 && isUpTo([term, seq], first.key);
  }

  /**
   * Tells what of the log changes when one comes and versions up to `floor` are not told apart any more: those of them go, but
   * for the last, which is marked by a version of −1.
   */
  async changesFor(tx: CommittedTx, rowVersion: number, floor: number): Promise<LogChange[]> {
    const changes: LogChange[] = [{ key: [tx.term, tx.seq], value: [rowVersion, tx.txId], weight: 1 }];
    const gone: AppliedTx[] = [];
    // They are applied in the order of their versions but for a few, and the log begins with the oldest.
    for await (const { key, value } of this.trace.rows()) {
      if (value[0] > floor) break;
      gone.push({ key, value });
    }
    const last = gone.at(-1);
    if (last === undefined || (gone.length === 1 && last.value[0] < 0)) return changes;
    for (const row of gone) changes.push({ ...row, weight: -1 });
    changes.push({ key: last.key, value: [-1, ""], weight: 1 });
    return changes;
  }

  insert(changes: readonly LogChange[]): void {
    this.trace.insertAll(changes);
  }

  private async first(): Promise<AppliedTx | undefined> {
    for await (const { key, value } of this.trace.rows({ limit: 1 })) return { key, value };
    return undefined;
  }
}

function isUpTo([term, seq]: TxKey, [otherTerm, otherSeq]: TxKey): boolean {
  return term < otherTerm || (term === otherTerm && seq <= otherSeq);
}
