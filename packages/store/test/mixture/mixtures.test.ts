import { describe } from "vitest";
import { mixedSuites } from "./mixed-suites.ts";

describe("quick cases", () => mixedSuites(["rows in memory", "stored rows"], "quick", 300));
