import { isZspineError } from "@zspine/core";
import { z } from "zod";
import type { Store, Trace } from "../src/index.ts";
import { textOf, type DurableModel } from "./durable-model.ts";

/** The rows of traces, by name. */
export type Content = Map<string, DurableModel>;

/** What a commit makes last; `n` is in its metadata. */
export interface State {
  readonly n: number;
  readonly content: Content;
}

export const SCHEMAS: { readonly key: z.ZodInt32; readonly value: z.ZodString } = {
  key: z.int32(),
  value: z.string(),
};

/**
 * What a store must hold when it is opened next: the last commit that was acknowledged, or one after it whose
 * outcome was not told, for it is under way, in doubt, or its process was killed.
 */
export class CommitLedger {
  /** The last that is known to be there, and after it those that may be. */
  states: readonly State[] = [{ n: 0, content: new Map() }];
  private calls = 0;
  private readonly underWay = new Set<Promise<void>>();
  private process = 0;

  /** Whether one state is the only one possible. */
  get isSettled(): boolean {
    return this.underWay.size === 0 && this.states.length === 1;
  }

  /** The last that is known to be there. */
  get last(): State {
    return this.states[0]!;
  }

  /** Makes what a commit of now would make last. */
  next(content: Content): State {
    const state = { n: ++this.calls, content: copyContent(content) };
    this.states = [...this.states, state];
    return state;
  }

  /** Takes what a commit tells into account, when it tells. */
  watch(commit: Promise<unknown>, state: State): void {
    const { process } = this;
    const done = commit.then(
      () => {
        if (process === this.process) this.states = this.states.filter(({ n }) => n >= state.n);
      },
      (error: unknown) => {
        if (process !== this.process) return;
        if (!isZspineError(error, "ZSPINE_IO")) throw error;
        if (error.determinate) this.states = this.states.filter((other) => other !== state);
      },
    );
    this.underWay.add(done);
    void done.then(
      () => this.underWay.delete(done),
      () => undefined,
    );
  }

  /** Waits for what is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Hears no more of what is under way, whose process is dead. */
  kill(): void {
    this.process++;
    this.underWay.clear();
  }

  /** Goes on from what was found. @throws when it is nothing that may be there. */
  find(text: string): State {
    const state = this.states.find((one) => textOfState(one) === text);
    if (state === undefined) {
      const expected = this.states.map(textOfState).join("\n or ");
      throw new Error(`reopened, found\n    ${text}\nexpected\n    ${expected}`);
    }
    this.states = [state];
    return state;
  }
}

/** What a store holds, as {@link textOfState} writes it. */
export async function describeStore(store: Store): Promise<string> {
  const texts: string[] = [];
  for (const name of store.traces) {
    const text = await readText(await store.trace(name, SCHEMAS), {});
    if (text !== "") texts.push(`${name} ${text}`);
  }
  return `${String(store.metadata["n"] ?? 0)}; ${texts.join("; ")}`;
}

/** A state as text; empty traces are not in it. */
export function textOfState({ n, content }: State): string {
  const full = [...content].filter(([, model]) => model.size > 0);
  return `${n}; ${full
    .map(([name, model]) => `${name} ${model.text()}`)
    .sort()
    .join("; ")}`;
}

/** The rows of a range, as text. */
export async function readText(
  trace: Trace<number, string>,
  range: Parameters<Trace<number, string>["rows"]>[0],
): Promise<string> {
  const rows = [];
  for await (const chunk of trace.chunks(range)) rows.push(...chunk.rows());
  return textOf(rows);
}

export function copyContent(content: Content): Content {
  return new Map(Array.from(content, ([name, model]) => [name, model.copy()]));
}
