// Runs before the tests of each file. A simulated environment waits for no file, and the runner of tests asks itself anew for
// a module that is imported by a call. So what stores of a backend load is loaded before.
import { expect } from "vitest";

const { testPath = "" } = expect.getState();
if (/\/packages\/(?:store|temporal|operators)\//.test(testPath)) {
  const { loadStoredHalf } = await import("../src/store/load-stored-half.ts");
  await loadStoredHalf();
}
