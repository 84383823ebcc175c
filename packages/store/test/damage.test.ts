import { describe } from "vitest";
import { damageOfBytes, SEED } from "./damage-of-bytes.ts";

describe(`C5 C7 damage of every fourteenth stored byte (seed ${SEED})`, () =>
  damageOfBytes({ stride: 14, rounds: 5 }));
