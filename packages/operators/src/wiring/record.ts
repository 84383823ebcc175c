import { IndexedZSet, type SchemaOf } from "@zspine/core";
import { TEXT, tupleOf } from "@zspine/core/engine";
import type { Metadata, Store, Trace } from "@zspine/store";
import type { Time } from "../operator/operator.ts";

/** What a trace of a pipeline is for. */
export type Role = "input" | "adopted" | "output" | "stream" | "state";

/** What is stored of a pipeline's wiring: which node is which, and what each trace has. */
export interface StoredWiring {
  /** The number of the next node that is new: none is used twice. */
  readonly next: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly text: string;
    readonly inputs: readonly number[];
  }[];
  readonly traces: readonly { readonly name: string; readonly role: Role; readonly id: number }[];
}

/** What is stored of a pipeline's steps. */
export interface StoredStep {
  readonly number: number;
  readonly now: Time | null;
  readonly metadata: Metadata;
}

export const NO_WIRING: StoredWiring = { next: 1, nodes: [], traces: [] };
export const NO_STEP: StoredStep = { number: 0, now: null, metadata: {} };

/** The texts that are stored of a pipeline: of its wiring, and of its last step. */
export interface Texts {
  readonly wiring: string | undefined;
  readonly step: string | undefined;
}

/** The trace in which a store tells of its pipelines. */
export const RECORD_NAME = "pipelines";

const KEY = tupleOf(TEXT, TEXT) as SchemaOf<readonly [string, string]>;

/**
 * What a store says of its pipelines: a trace, in which each has a row for its wiring and one for its last step. So whatever
 * commit takes the rows of a step takes its number with them, whoever calls it; the metadata of commits is left to others.
 */
export class PipelineRecord {
  readonly trace: Trace<readonly [string, string], string>;

  private constructor(trace: Trace<readonly [string, string], string>) {
    this.trace = trace;
  }

  /** Opens it. @throws as `store.trace()`. */
  static async open(store: Store): Promise<PipelineRecord> {
    return new PipelineRecord(await store.trace(RECORD_NAME, { key: KEY, value: TEXT, create: true }));
  }

  /** Reads what is stored of each pipeline, by name. */
  async read(): Promise<Map<string, Texts>> {
    const found = new Map<string, Texts>();
    for await (const { key, value } of this.trace.rows()) {
      const [name, part] = key;
      found.set(name, { ...(found.get(name) ?? { wiring: undefined, step: undefined }), [part]: value });
    }
    return found;
  }

  /** Tells whether a text is what is stored of a part, committed or not. */
  async has(name: string, part: keyof Texts, text: string): Promise<boolean> {
    return (await this.trace.weight([name, part], text)) > 0;
  }

  /** What replaces a text that is stored by another. */
  change(
    name: string,
    part: keyof Texts,
    was: string | undefined,
    is: string,
  ): IndexedZSet<readonly [string, string], string> {
    const key = [name, part] as const;
    const gone = was === undefined ? [] : [{ key, value: was, weight: -1 }];
    return IndexedZSet.from(KEY, TEXT, [...gone, { key, value: is }]);
  }
}
