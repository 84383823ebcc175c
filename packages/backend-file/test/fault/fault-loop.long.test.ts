import { describe, it } from "vitest";
import { failEachCall, faults } from "./failing-calls.ts";

describe("a file backend whose medium fails", () => {
  it.each(faults)(
    "C14 tells at each call whether anything was done, reads on, and is whole when reopened: %o",
    failEachCall,
  );
});
