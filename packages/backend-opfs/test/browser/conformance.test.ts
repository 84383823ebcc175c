import { describe, it } from "vitest";
import { askerOf, startWorker } from "../../../../tools/browser/worker.ts";
import { casesIn } from "./cases.ts";

describe("W2 opfs() proves the backend contract in a worker, over the browser's own files", () => {
  const ask = askerOf(startWorker(new URL("./cases-worker.ts", import.meta.url)));
  for (const [at, { name }] of casesIn("unused").entries()) it(name, () => ask(at));
});
