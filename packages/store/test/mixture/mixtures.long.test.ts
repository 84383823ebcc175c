import { describe } from "vitest";
import { MEDIA, mixedSuites } from "./mixed-suites.ts";

describe("all cases", () => mixedSuites(Object.keys(MEDIA), "all", 1000));
