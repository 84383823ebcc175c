import { SeededRandom } from "@zspine/conformance";
import type { Backend, WriteOp } from "@zspine/core";
import { openOpfsBackend } from "../../src/backend/opfs-backend.ts";
import type { LogSizes } from "../../src/log/log-writer.ts";
import type { FakeOpfs } from "../fake-opfs.ts";

/** Files so small that a program of some calls begins several, and moves what lies in them. */
export const SMALL: LogSizes = { segmentBytes: 2000, slackBytes: 3000, stepBytes: 400 };

const WISH = { location: "app/store", readOnly: false, mustExist: false };

/** Opens the location that programs use. */
export function openSmall(medium: FakeOpfs, wish: Partial<typeof WISH> = {}): Promise<Backend> {
  return openOpfsBackend({ ...WISH, ...wish }, medium, SMALL);
}

/** All that a backend tells: the newest head, and values by name. */
export interface State {
  readonly head: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Reads all that there is, at once and later alike. */
export async function stateOf(backend: Backend): Promise<State> {
  const head = await backend.readHead();
  const values = new Map<string, string>();
  for await (const name of backend.list("")) {
    const bytes = textOf((await backend.get(name))!);
    if (bytes !== textOf(backend.getSync!(name)!)) throw new Error(`${name} is read otherwise at once`);
    values.set(name, bytes);
  }
  return { head: head === undefined ? "none" : `${head.number}: ${textOf(head.bytes)}`, values };
}

function textOf(bytes: Uint8Array): string {
  return String(bytes);
}

/** What a call has come to: there, not there, or one of the two. */
type Outcome = "done" | "refused" | "open";

/**
 * A random program of calls, and what is there after each. As a call is one record of a log, what a power cut leaves is what
 * was there after one of them: the last synced, or a later one.
 */
export class LogProgram {
  readonly random: SeededRandom;
  /** What was there after each call that may be there, the first with nothing. */
  states: State[] = [{ head: "none", values: new Map() }];
  /** Up to which of these no power cut takes anything. */
  synced = 0;
  #number = 0;
  #names = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  /** Makes one call. A failure that is not determinate ends the use of the handle. */
  async step(backend: Backend): Promise<Outcome> {
    const { random } = this;
    const durability = random.chance(0.4) ? "sync" : "relaxed";
    const ops = this.#ops();
    const isHead = random.chance(0.5);
    const bytes = random.bytes(random.int(0, 60));
    const before = this.states.at(-1)!;
    const values = new Map(before.values);
    for (const op of ops) {
      if (op.type === "put") values.set(op.name, textOf(op.bytes));
      else values.delete(op.name);
    }
    const after = { head: isHead ? `${this.#number + 1}: ${textOf(bytes)}` : before.head, values };
    try {
      if (isHead) await backend.createHead(this.#number + 1, bytes, ops, { durability });
      else await backend.write(ops, { durability });
    } catch (error) {
      if ((error as { determinate?: boolean }).determinate !== false) return "refused";
      this.states.push(after);
      return "open";
    }
    if (isHead) this.#number++;
    this.states.push(after);
    if (durability === "sync") this.synced = this.states.length - 1;
    return "done";
  }

  /** Takes what was found after an opening for what is there, and durable; tells whether it may be. */
  found(state: State): boolean {
    const at = this.states.findLastIndex((known) => isSame(known, state));
    if (at < this.synced) return false;
    this.states = [state];
    this.synced = 0;
    this.#number = state.head === "none" ? 0 : Number.parseInt(state.head, 10);
    return true;
  }

  #ops(): WriteOp[] {
    const { random } = this;
    const names = [...this.states.at(-1)!.values.keys()];
    return Array.from({ length: random.int(0, 3) }, () => {
      if (names.length > 0 && random.chance(0.45)) {
        const [name = ""] = names.splice(random.int(0, names.length - 1), 1);
        return { type: "remove", name };
      }
      return { type: "put", name: `v/${this.#names++}`, bytes: random.bytes(random.int(0, 300)) };
    });
  }
}

function isSame(a: State, b: State): boolean {
  return (
    a.head === b.head &&
    a.values.size === b.values.size &&
    [...a.values].every(([k, v]) => b.values.get(k) === v)
  );
}
