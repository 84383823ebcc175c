import { check } from "@zspine/core/engine";
import type { HeadTable } from "../head/head.ts";
import type { Recovered } from "../recovery/recovered.ts";
import { fileOfTable } from "../tier/batch-file.ts";
import type { StoredFile } from "../tier/stored-file.ts";
import type { ValueKeeper } from "../tier/value-keeper.ts";

/** How what a head names differs from what the head before it names. */
export interface NamedEdit {
  readonly added: readonly StoredFile[];
  readonly gone: readonly StoredFile[];
  readonly traces: ReadonlyMap<string, readonly StoredFile[]>;
  readonly others: ReadonlyMap<string, StoredFile>;
}

/** What of a store that was found its heads name. */
type FoundHeads = Pick<Recovered, "head" | "loans" | "previous" | "traces">;

/**
 * What the two newest heads name, and the newest synced one, held for as long as one of them does: a power cut may go
 * back to that, so nothing of it may be removed. A head costs what it changes: only the difference is held and let go of.
 */
export class NamedFiles {
  private readonly keeper: ValueKeeper;
  private ofTrace: Map<string, readonly StoredFile[]> = new Map();
  /** Tables, and what clones borrow, by the value that says so. */
  private others: ReadonlyMap<string, StoredFile> = new Map();
  /** What the older of the two names besides. */
  private before: readonly StoredFile[] = [];
  /** What heads have let go of since the newest synced one, which may name it. */
  private sinceSynced: StoredFile[] = [];
  /** Whether the newest head is a synced one, or was found at opening, which makes it durable. */
  isSynced = true;

  constructor(keeper: ValueKeeper, found: FoundHeads) {
    this.keeper = keeper;
    this.takeNewer(found);
  }

  /** Takes over what the heads name that were found last, and lets go of what those before did. */
  takeNewer({ head, loans, previous, traces }: FoundHeads): void {
    const old = this.all();
    this.ofTrace = new Map(
      traces.map(({ head: { name }, batches }) => [name, batches.map(({ file }) => file)]),
    );
    const tables = (head?.tables ?? []).map((table) => [table.value, fileOfTable(table)] as const);
    this.others = new Map([...tables, ...loans]);
    this.before = previous;
    for (const file of this.all()) this.keeper.hold(file);
    for (const file of old) this.keeper.release(file);
  }

  /** Bytes that the older of the two heads names besides and nobody else needs: they are superfluous with the next. */
  get passedBytes(): number {
    return this.before.reduce((sum, file) => sum + (file.holders > 1 ? 0 : this.keeper.onlyBytes(file)), 0);
  }

  /** All that either head names. */
  all(): StoredFile[] {
    return [...this.ofTraces(), ...this.others.values(), ...this.before];
  }

  /** The batches that the newest names. */
  ofTraces(): StoredFile[] {
    return [...this.ofTrace.values()].flat();
  }

  /**
   * Holds what a head to come names besides: `traces` are those that it changes, with all their files now; `written`
   * the values that are put with it, or were ahead of it.
   */
  begin(
    traces: NamedEdit["traces"],
    heads: readonly HeadTable[],
    loans: ReadonlyMap<string, StoredFile>,
    written: ReadonlySet<string>,
  ): NamedEdit {
    const tables = heads.map(
      (table) => [table.value, this.others.get(table.value) ?? fileOfTable(table)] as const,
    );
    const others = new Map([...tables, ...loans]);
    const added: StoredFile[] = [];
    const gone: StoredFile[] = [];
    const compare = (before: readonly StoredFile[], after: readonly StoredFile[]): void => {
      const [old, now] = [new Set(before), new Set(after)];
      added.push(...after.filter((file) => !old.has(file)));
      gone.push(...before.filter((file) => !now.has(file)));
    };
    compare([...this.others.values()], [...others.values()]);
    for (const [name, files] of traces) compare(this.ofTrace.get(name) ?? [], files);
    for (const { values } of added)
      check(this.keeper.areThere(values, written), "no head before the values that it names (6)");
    for (const file of added) this.keeper.hold(file);
    return { added, gone, traces, others };
  }

  /** Takes an edit over when its head is there, and lets go of what it has held when that will not be. */
  end({ added, gone, traces, others }: NamedEdit, isCommitted: boolean, isSynced: boolean): void {
    if (isCommitted) this.keep(gone, isSynced);
    for (const file of isCommitted ? this.before : added) this.keeper.release(file);
    if (!isCommitted) return;
    this.before = gone;
    this.others = others;
    for (const [name, files] of traces) {
      if (files.length === 0) this.ofTrace.delete(name);
      else this.ofTrace.set(name, files);
    }
  }

  private keep(gone: readonly StoredFile[], isSynced: boolean): void {
    this.isSynced = isSynced;
    if (isSynced) {
      for (const file of this.sinceSynced) this.keeper.release(file);
      this.sinceSynced = [];
      return;
    }
    for (const file of gone) this.keeper.hold(file);
    this.sinceSynced.push(...gone);
  }
}
