import { refused, ZspineError } from "@zspine/core";
import type { Metadata } from "@zspine/store";
import type { TimeReader } from "../read/time-reader.ts";
import type { Time } from "../time/time.ts";
import type { TemporalTrace } from "../trace/temporal-trace.ts";

/** A reader that is closed with others. */
export interface ClosableReader {
  close(): void;
}

/** What a {@link GroupReader} reads. */
interface GroupView {
  readonly time: Time;
  readonly metadata: Metadata;
  readonly readers: ReadonlyMap<object, ClosableReader>;
}

/**
 * Reads several traces as of one time, all as one commit has left them. While it is open it holds since of each back;
 * close it, or declare it with `using`.
 */
export class GroupReader implements Disposable {
  readonly time: Time;
  /** The metadata of the commit. */
  readonly metadata: Metadata;
  private readers: GroupView["readers"] | undefined;

  /** Use `asOf()` of what `together()` gives. */
  constructor({ time, metadata, readers }: GroupView) {
    this.time = time;
    this.metadata = metadata;
    this.readers = readers;
  }

  get isClosed(): boolean {
    return this.readers === undefined;
  }

  /**
   * Gives the reader of one of the traces, which is closed with the others.
   *
   * @throws `ZSPINE_INVALID_OPTIONS` for a trace that was not asked for; `ZSPINE_CLOSED`.
   */
  of<K, V>(trace: TemporalTrace<K, V>): TimeReader<K, V> {
    if (this.readers === undefined)
      throw new ZspineError("ZSPINE_CLOSED", "the reader is closed; open another");
    const reader = this.readers.get(trace);
    if (reader === undefined)
      throw refused(["of"], "one of the traces that are read together", trace, "name it in together([…])");
    return reader as TimeReader<K, V>;
  }

  /** Closes the readers of all traces; without effect when that was done. */
  close(): void {
    const { readers = new Map<object, ClosableReader>() } = this;
    this.readers = undefined;
    for (const reader of readers.values()) reader.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
