import { describe } from "vitest";
import { placedSuites } from "./placed-suites.ts";

describe("R4 R5 quick cases", () => placedSuites([3000], "quick"));
