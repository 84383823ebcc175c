import { describe } from "vitest";
import { placedSuites } from "./placed-suites.ts";

describe("R4 R5 all cases", () => placedSuites([0, 3000, 100_000], "all"));
