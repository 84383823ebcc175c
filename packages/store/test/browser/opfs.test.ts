import { describe, it } from "vitest";
import { askerOf, startWorker } from "../../../../tools/browser/worker.ts";
import { casesIn } from "./opfs-cases.ts";

describe("W2 L16 a store over the browser's own files, in a worker", () => {
  const ask = askerOf(startWorker(new URL("./opfs-worker.ts", import.meta.url)));
  for (const [at, { name }] of casesIn("unused").entries()) it(name, () => ask(at));
});
