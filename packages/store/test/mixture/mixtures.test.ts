import { describe } from "vitest";
import { mixedSuites } from "./mixed-suites.ts";

describe("every second of the quick cases", () =>
  mixedSuites(["rows in memory", "stored rows"], "quick", 300));
