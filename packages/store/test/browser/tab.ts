import { askerOf, startWorker } from "../../../../tools/browser/worker.ts";

const ask = askerOf(startWorker(new URL("./tab-worker.ts", import.meta.url)));
Object.assign(globalThis, { ask });
