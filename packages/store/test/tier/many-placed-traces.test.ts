import { it } from "vitest";
import { placeTraces } from "./many-placed-traces.ts";

it("MT1 R16 two hundred traces of few rows stay within one budget", () => placeTraces(200));
