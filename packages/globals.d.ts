// The globals that Node, Deno, Bun and browsers share, as far as the packages use them. Package sources are
// checked against this list instead of the DOM library or @types/node, so that nothing which only one runtime
// has can slip in. Add a global here when a package needs it and all four have it.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(
    type: "abort",
    listener: () => void,
    options?: { once?: boolean; signal?: AbortSignal },
  ): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare var AbortSignal: {
  prototype: AbortSignal;
  abort(reason?: unknown): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: { prototype: AbortController; new (): AbortController };

interface TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: { prototype: TextEncoder; new (): TextEncoder };

interface TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}
declare var TextDecoder: {
  prototype: TextDecoder;
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

interface ReadableStream<R = any> {
  readonly locked: boolean;
  getReader(): {
    read(): Promise<{ done: false; value: R } | { done: true; value?: R | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}
declare var ReadableStream: {
  prototype: ReadableStream;
  new <R>(
    source: {
      pull?(controller: { enqueue(chunk: R): void; close(): void }): Promise<void>;
      cancel?(reason?: unknown): Promise<void>;
    },
    strategy?: { highWaterMark?: number },
  ): ReadableStream<R>;
};

/** A number in browsers and Deno, an object in Node and Bun: pass it on, never look into it. */
type TimerHandle = { readonly __timer?: never } | number;
declare function setTimeout(callback: () => void, delayMs?: number): TimerHandle;
declare function clearTimeout(handle: TimerHandle | undefined): void;
declare function setInterval(callback: () => void, delayMs?: number): TimerHandle;
declare function clearInterval(handle: TimerHandle | undefined): void;
declare function queueMicrotask(callback: () => void): void;

declare var performance: { now(): number; readonly timeOrigin: number };
declare var crypto: {
  getRandomValues<
    T extends
      Int8Array | Uint8Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array,
  >(
    target: T,
  ): T;
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
  readonly subtle: {
    digest(algorithm: "SHA-256", data: ArrayBufferView | ArrayBuffer): Promise<ArrayBuffer>;
  };
};
interface FetchedHeaders {
  get(name: string): string | null;
}
/** As much of an answer as the packages ask for. */
interface FetchedResponse {
  readonly status: number;
  readonly headers: FetchedHeaders;
  arrayBuffer(): Promise<ArrayBuffer>;
}
declare function fetch(
  url: string,
  request?: {
    method?: string;
    headers?: Record<string, string>;
    body?: Uint8Array<ArrayBuffer>;
    signal?: AbortSignal;
  },
): Promise<FetchedResponse>;
declare function structuredClone<T>(value: T): T;
