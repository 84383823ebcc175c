import { check, type Slot } from "@zspine/core/engine";
import { SpilledFile } from "./spilled-file.ts";
import type { StoredFile } from "./stored-file.ts";

/**
 * Counts who needs batches and tables (the spine, the kept heads, readers), and by them who needs the values that
 * they lie in. What nobody needs any more is garbage, to be removed by the next commit.
 *
 * Batches that no commit has written are held like the others, for any of their slots may be spilled while somebody
 * reads them; batches share slots, so what is spilled is entered in all that are held and have the slot.
 */
export class ValueKeeper {
  private readonly users = new Map<string, number>();
  /** Those that are held and may come to lie in more values. */
  private readonly growing = new Set<SpilledFile>();
  /** Bytes of the values in use. */
  bytes = 0;
  private garbage: string[] = [];
  private readonly onGarbage: (name: string) => void;

  /** @param onGarbage Told of each value that nobody needs any more. */
  constructor(onGarbage: (name: string) => void) {
    this.onGarbage = onGarbage;
  }

  hold(file: StoredFile): void {
    if (file.holders++ > 0) return;
    if (file instanceof SpilledFile) this.growing.add(file);
    file.values.forEach((name, at) => {
      this.use(name, file.valueBytes[at]!);
    });
  }

  release(file: StoredFile): void {
    check(file.holders > 0, "what is let go of is held (8)", () => file.values.join(", "));
    if (--file.holders > 0) return;
    if (file instanceof SpilledFile) this.growing.delete(file);
    file.values.forEach((name, at) => {
      this.disuse(name, file.valueBytes[at]!);
    });
  }

  /** Tells whether a batch has the slot that is held and that no commit has written. */
  isHeld(slot: Slot): boolean {
    for (const file of this.growing) if (file.has(slot)) return true;
    return false;
  }

  /** Notes where a slot lies that has been spilled just now. */
  spill(slot: Slot): void {
    const { blob, blobBytes } = slot.home!;
    for (const file of this.growing) {
      if (!file.has(slot)) continue;
      file.add(slot);
      this.use(blob, blobBytes);
    }
  }

  /** Tells whether somebody needs a value. */
  isUsed(name: string): boolean {
    return this.users.has(name);
  }

  /** Says of values that no batch uses them: they were written in vain, or could not be removed. */
  discard(names: readonly string[]): void {
    this.garbage.push(...names);
  }

  /** Takes the names of the values that nobody needs. */
  takeGarbage(): string[] {
    const { garbage } = this;
    this.garbage = [];
    // Each once, and none that is used again by now.
    return [...new Set(garbage)].filter((name) => !this.users.has(name));
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
    this.garbage.push(name);
    this.onGarbage(name);
  }
}
