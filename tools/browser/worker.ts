import type { Case } from "@zspine/conformance";

/** A dedicated worker, as its page sees it. */
export interface PageWorker {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: { readonly message: string }) => void): void;
  terminate(): void;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly code?: unknown; readonly determinate?: unknown };
}

/** Starts a worker from a module. */
export function startWorker(url: URL): PageWorker {
  const { Worker } = globalThis as unknown as { Worker: new (url: URL, options: object) => PageWorker };
  return new Worker(url, { type: "module" });
}

/** Asks a worker that {@link answer}s. An error that it throws is thrown here, with its code. */
export function askerOf(worker: PageWorker): (request: unknown) => Promise<unknown> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let last = 0;
  worker.addEventListener("message", ({ data }) => {
    const { id, result, error } = data as Answer;
    const { resolve, reject } = waiting.get(id)!;
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(Object.assign(new Error(error.message), error));
  });
  worker.addEventListener("error", ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(`the worker has failed: ${message}`));
  });
  return (request) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ id: last, request });
    });
}

/** Lets the worker that this runs in answer what its page asks. */
export function answer(work: (request: never) => Promise<unknown>): void {
  const self = globalThis as unknown as PageWorker & { __vitest_browser_runner__?: object };
  // The runner of tests has every `import()` go by this, which it gives to pages, and to workers that it has bundled.
  self.__vitest_browser_runner__ ??= { wrapDynamicImport: (load: () => unknown) => load() };
  self.addEventListener("message", async ({ data }) => {
    const { id, request } = data as { id: number; request: never };
    try {
      self.postMessage({ id, result: await work(request) });
    } catch (error) {
      const { message, code, determinate, stack } = error as Error & {
        code?: unknown;
        determinate?: unknown;
      };
      self.postMessage({ id, error: { message: `${message}\n${stack}`, code, determinate } });
    }
  });
}

/** Lets the worker that this runs in run cases of a suite, by their place in it. */
export function answerWithCases(cases: readonly Case[]): void {
  answer((at: number) => cases[at]!.run());
}
