import { describe } from "vitest";
import { scratchSuite } from "./scratch-suite.ts";

describe("R17 a store over scratch", () => scratchSuite("level({ keeps: false })"));
