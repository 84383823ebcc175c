import { describe } from "vitest";
import { randomDamage } from "./damaged-bytes.ts";

describe("decodeBlock(), decodeIndex(), decodeFilter(), at length", () => randomDamage(40_000));
