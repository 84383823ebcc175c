import type { StoredFile } from "./stored-file.ts";
import type { Holder } from "./tally.ts";

/** A reader, from when it begins to read until it has left. */
export interface Stay {
  readonly files: readonly StoredFile[];
  /** What it keeps in memory, or whatever does so for it; the batches that it reads first. */
  readonly held: Holder[];
  readonly epoch: Epoch;
}

/** Readers that began between two batches that were put off. */
interface Epoch {
  readers: number;
  /** What lies in the values of the batch that ended the epoch. */
  ended: Values | undefined;
}

type Values = Pick<StoredFile, "values" | "valueBytes">;

/**
 * Who reads, by epochs: what is let go of while somebody reads is put off until all have left that came before it,
 * whoever comes after (Fraser, "Practical lock-freedom", 2004, 5.2). Costs a step for each reader and each batch.
 */
export class Stays {
  /** Those that have not left. */
  readonly open: Set<Stay> = new Set();
  /** Oldest first; the last goes on. */
  private epochs: Epoch[] = [{ readers: 0, ended: undefined }];

  begin(files: readonly StoredFile[], held: Holder[]): Stay {
    const epoch = this.epochs.at(-1)!;
    epoch.readers++;
    const stay = { files, held, epoch };
    this.open.add(stay);
    return stay;
  }

  /** Gives what nobody can read any more. */
  end(stay: Stay): Values[] {
    const { epoch } = stay;
    this.open.delete(stay);
    stay.held.length = 0;
    epoch.readers--;
    if (epoch !== this.epochs[0] || epoch.readers > 0) return [];
    const open = this.epochs.findIndex(({ readers }) => readers > 0);
    const count = open === -1 ? this.epochs.length - 1 : open;
    return this.epochs.splice(0, count).map(({ ended }) => ended!);
  }

  /** Puts off what lies in values, but not the rows themselves; false when nobody reads. */
  putOff({ values, valueBytes }: Values): boolean {
    const last = this.epochs.at(-1)!;
    if (this.epochs.length === 1 && last.readers === 0) return false;
    last.ended = { values, valueBytes };
    this.epochs.push({ readers: 0, ended: undefined });
    return true;
  }
}
