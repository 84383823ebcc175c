import { run, type Figures, type MediumName } from "./course.ts";

interface Page {
  readonly Worker: new (
    url: string,
    options: { type: "module" },
  ) => {
    postMessage(message: unknown): void;
    addEventListener(
      type: "message" | "error",
      listener: (event: { data?: Figures; message?: string }) => void,
    ): void;
    terminate(): void;
  };
}

/** Runs the course in the page's own thread. */
const inPage = (medium: MediumName, place: string): Promise<Figures> => run(medium, place);

/** Runs the course in a worker. */
function inWorker(medium: MediumName, place: string): Promise<Figures> {
  const { Worker } = globalThis as unknown as Page;
  const worker = new Worker("/worker.js", { type: "module" });
  return new Promise<Figures>((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => resolve(data!));
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
    worker.postMessage({ medium, place });
  }).finally(() => worker.terminate());
}

Object.assign(globalThis, { measure: { page: inPage, worker: inWorker } });
