import type { Environment } from "@zspine/core";
import { builtinModule } from "@zspine/core/engine";

/** What is told of every operation, in one object from its begin to its end. */
interface Operation {
  /** What the store is called: its option `name`, or else the kind of its backend. */
  readonly store: string;
  /** Milliseconds that it took, once it has ended. */
  durationMs?: number;
  /** What it failed with, if it did. */
  error?: unknown;
}

/**
 * What a store tells of its long operations, by the name of their tracing channel of `node:diagnostics_channel`, where the
 * runtime has that: on `zspine:commit` its `start`, `asyncEnd` and, before that if it fails, `error`. What is optional
 * is there at the end, but where it has failed. Nothing is made or measured of an operation that begins while nobody
 * listens.
 */
export interface StoreOperations {
  /** What a durable backend holds was found, when a store was opened over it: as in `store.recovery`. */
  "zspine:recovery": Operation & {
    readonly readOnly: boolean;
    head?: number;
    traces?: number;
    batches?: number;
    rows?: number;
    storedBytes?: number;
    orphans?: number;
    orphansRemoved?: number;
  };
  /** A head was made for calls of `commit` or `drop`, which it answers together. */
  "zspine:commit": Operation & {
    readonly calls: number;
    /** The number of the commit. */
    number?: number;
    /** Rows that it made last, and bytes that it wrote. */
    rows?: number;
    bytes?: number;
    /** Milliseconds of it in which it waited for merges to catch up and for room in memory. */
    waitMs?: number | undefined;
  };
  /** Batches of a trace were merged into one. */
  "zspine:merge": Operation & {
    readonly trace: string;
    readonly inputs: number;
    readonly rowsIn: number;
    rowsOut?: number;
    /** Bytes that it wrote: 0 in memory. */
    bytes?: number;
    /** Set instead when nobody wanted its result any more: the trace was dropped, or the store is being closed. */
    isAbandoned?: boolean;
  };
  /** Slots of batches left memory for the backend. */
  "zspine:spill": Operation & { slots?: number; bytes?: number };
  /** Slots of batches, or filters of them, were read from the backend. */
  "zspine:load": Operation & { readonly trace: string; slots?: number; bytes?: number };
}

/** What is told of an operation beyond what is told of all. */
type Facts<Name extends keyof StoreOperations> = Omit<StoreOperations[Name], keyof Operation>;

/** An operation that somebody listens to, until it has ended. */
export interface WatchedOperation<Name extends keyof StoreOperations> {
  /** Milliseconds since it began. */
  readonly elapsedMs: number;
  end(facts: Partial<Facts<Name>>): void;
  /** @param facts What it had done by then. */
  fail(error: unknown, facts?: Partial<Facts<Name>>): void;
}

/** A channel as far as it is used here: those of Node, Deno and Bun have more. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

interface Diagnostics {
  channel(name: string): Channel;
}

/** The channels of one operation. */
interface Channels {
  readonly start: Channel;
  readonly error: Channel;
  readonly asyncEnd: Channel;
}

/** Missing in browsers. */
const diagnostics = builtinModule<Diagnostics>("node:diagnostics_channel");

/** By name. Held here, for what nobody holds is made anew when it is asked for. */
const channels: Readonly<Record<keyof StoreOperations, Channels>> | undefined = diagnostics && {
  "zspine:recovery": channelsOf(diagnostics, "zspine:recovery"),
  "zspine:commit": channelsOf(diagnostics, "zspine:commit"),
  "zspine:merge": channelsOf(diagnostics, "zspine:merge"),
  "zspine:spill": channelsOf(diagnostics, "zspine:spill"),
  "zspine:load": channelsOf(diagnostics, "zspine:load"),
};

/** Tells of the long operations of one store whoever listens. */
export class Operations {
  private readonly store: string;
  private readonly environment: Environment;

  constructor(store: string, environment: Environment) {
    this.store = store;
    this.environment = environment;
  }

  /** Tells that an operation begins; nothing where nobody listens to it. */
  begin<Name extends keyof StoreOperations>(
    name: Name,
    facts: Facts<Name>,
  ): WatchedOperation<Name> | undefined {
    const ofName = channels?.[name];
    if (ofName === undefined || !isHeard(ofName)) return undefined;
    const { environment } = this;
    const message: Operation & Facts<Name> = { store: this.store, ...facts };
    const startMs = environment.now();
    const elapsedMs = (): number => environment.now() - startMs;
    const end = (more: Partial<Facts<Name>> | undefined): void => {
      tell(ofName.asyncEnd, Object.assign(message, more, { durationMs: elapsedMs() }));
    };
    tell(ofName.start, message);
    return {
      get elapsedMs() {
        return elapsedMs();
      },
      end,
      fail(error, more) {
        message.error = error;
        tell(ofName.error, message);
        end(more);
      },
    };
  }
}

/**
 * Tells in a microtask, in which the asynchronous context is that of the operation: who listens may do anything with the
 * store, in the midst of nothing.
 */
function tell(channel: Channel, message: Operation): void {
  queueMicrotask(() => {
    channel.publish(message);
  });
}

/**
 * Does what an operation is about, and ends it with what that gives, or what it fails with. One that nobody listens to is
 * missing.
 */
export async function watch<Name extends keyof StoreOperations>(
  watched: WatchedOperation<Name> | undefined,
  work: () => Promise<Partial<Facts<Name>>>,
): Promise<void> {
  try {
    const facts = await work();
    watched?.end(facts);
  } catch (error) {
    watched?.fail(error);
    throw error;
  }
}

/** As {@link watch}, at once. */
export function watchSync<Name extends keyof StoreOperations>(
  watched: WatchedOperation<Name> | undefined,
  work: () => Partial<Facts<Name>>,
): void {
  try {
    const facts = work();
    watched?.end(facts);
  } catch (error) {
    watched?.fail(error);
    throw error;
  }
}

function isHeard({ start, error, asyncEnd }: Channels): boolean {
  return start.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers;
}

function channelsOf({ channel }: Diagnostics, name: string): Channels {
  return {
    start: channel(`tracing:${name}:start`),
    error: channel(`tracing:${name}:error`),
    asyncEnd: channel(`tracing:${name}:asyncEnd`),
  };
}
