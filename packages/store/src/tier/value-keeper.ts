import { check, type Columns, type Slot } from "@zspine/core/engine";
import { SpilledFile } from "./spilled-file.ts";
import { Stays, type Stay } from "./stay.ts";
import type { StoredFile } from "./stored-file.ts";
import type { Holder, Tally } from "./tally.ts";

/**
 * Counts who needs batches and tables (the spine, the kept heads, readers), and by them who needs the values that
 * they lie in. What nobody needs any more is garbage, to be removed by the next commit.
 *
 * Batches that no commit has written are many, and any of their slots may be spilled while somebody reads them. The
 * spine alone holds them, so that a reader costs the same however many there are: what they lay in stays until all
 * readers have left that came before. Batches share slots, so what is spilled is entered in all that have the slot.
 */
export class ValueKeeper implements Holder {
  private readonly users = new Map<string, number>();
  /**
   * Those that are held and may come to lie in more values, of rows of each layout; each knows its place. Not a set, which every commit would
   * add to and delete from: V8 leaves a set's old tables pointing to the next, and so old ones keep what is gone by now.
   */
  private readonly growing = new Map<Columns, SpilledFile[]>();
  /** Bytes of the values in use, and of those of the garbage that were. */
  bytes = 0;
  garbageBytes = 0;
  private garbage: string[] = [];
  private readonly stays = new Stays();
  private readonly onGarbage: (name: string) => void;

  /** @param onGarbage Told of each value that nobody needs any more. */
  constructor(onGarbage: (name: string) => void) {
    this.onGarbage = onGarbage;
  }

  hold(file: StoredFile): void {
    if (file.holders++ > 0) return;
    if (file instanceof SpilledFile) this.putOn(file);
    file.values.forEach((name, at) => {
      this.use(name, file.valueBytes[at]!);
    });
  }

  release(file: StoredFile): void {
    check(file.holders > 0, "what is let go of is held (8)", () => file.values.join(", "));
    if (--file.holders > 0) return;
    const isGrowing = file instanceof SpilledFile;
    if (isGrowing) this.takeOff(file);
    if (!isGrowing || file.values.length === 0 || !this.stays.putOff(file)) this.disuseAll(file);
  }

  /** Lets a reader in, which needs `files` and whatever the spine holds now, and keeps `held` in memory. */
  enter(files: readonly StoredFile[], ...held: Holder[]): Stay {
    for (const file of files) this.hold(file);
    return this.stays.begin(files, held);
  }

  /** Tells what readers keep in memory. */
  account(tally: Tally): void {
    for (const { held } of this.stays.open) for (const holder of held) holder.account(tally);
  }

  /** Lets it out, once. */
  leave(stay: Stay): void {
    for (const file of stay.files) this.release(file);
    for (const file of this.stays.end(stay)) this.disuseAll(file);
  }

  /** Tells whether a batch has the slot, of rows of a layout, that is held and that no commit has written. */
  isHeld(slot: Slot, layout: Columns): boolean {
    return this.growing.get(layout)?.some((file) => file.has(slot)) ?? false;
  }

  /** Notes where a slot lies that has been spilled just now. */
  spill(slot: Slot, layout: Columns): void {
    const { blob, blobBytes } = slot.home!;
    for (const file of this.growing.get(layout) ?? []) {
      if (!file.has(slot)) continue;
      file.add(slot);
      this.use(blob, blobBytes);
    }
  }

  /** Bytes of the values that were spilled and that no commit has named. Costs a step for each. */
  get spilledBytes(): number {
    const seen = new Map<string, number>();
    for (const ofLayout of this.growing.values())
      for (const { values, valueBytes } of ofLayout)
        values.forEach((name, at) => seen.set(name, valueBytes[at]!));
    let bytes = 0;
    for (const one of seen.values()) bytes += one;
    return bytes;
  }

  /** Bytes of the values that nobody needs but those who hold `file`. */
  onlyBytes({ values, valueBytes }: StoredFile): number {
    return values.reduce((sum, name, at) => sum + (this.users.get(name) === 1 ? valueBytes[at]! : 0), 0);
  }

  /** Tells whether somebody needs a value. */
  isUsed(name: string): boolean {
    return this.users.has(name);
  }

  /** Tells whether values are there: written just now, or by whoever else needs them. */
  areThere(names: readonly string[], written: ReadonlySet<string>): boolean {
    return names.every((name) => written.has(name) || this.isUsed(name));
  }

  /** Says of values that no batch uses them: they were written in vain, or could not be removed. */
  discard(names: readonly string[]): void {
    this.garbage.push(...names);
  }

  /** Takes the names of the values that nobody needs. */
  takeGarbage(): string[] {
    const { garbage } = this;
    this.garbage = [];
    this.garbageBytes = 0;
    // Each once, and none that is used again by now.
    return [...new Set(garbage)].filter((name) => !this.users.has(name));
  }

  private putOn(file: SpilledFile): void {
    const ofLayout = this.growing.get(file.layout) ?? [];
    this.growing.set(file.layout, ofLayout);
    file.place = ofLayout.push(file) - 1;
  }

  /** Puts the last of those that are held in the place of one that is not any more. */
  private takeOff({ place, layout }: SpilledFile): void {
    const ofLayout = this.growing.get(layout)!;
    const last = ofLayout.pop()!;
    if (place === ofLayout.length) return;
    ofLayout[place] = last;
    last.place = place;
  }

  private disuseAll({ values, valueBytes }: Pick<StoredFile, "values" | "valueBytes">): void {
    values.forEach((name, at) => {
      this.disuse(name, valueBytes[at]!);
    });
  }

  private use(name: string, bytes: number): void {
    const users = this.users.get(name) ?? 0;
    this.users.set(name, users + 1);
    if (users === 0) this.bytes += bytes;
  }

  private disuse(name: string, bytes: number): void {
    const users = (this.users.get(name) ?? 0) - 1;
    check(users >= 0, "a value that is let go of is in use (8)", () => name);
    if (users > 0) {
      this.users.set(name, users);
      return;
    }
    this.users.delete(name);
    this.bytes -= bytes;
    this.garbageBytes += bytes;
    this.garbage.push(name);
    this.onGarbage(name);
  }
}
