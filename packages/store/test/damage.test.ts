import { describe } from "vitest";
import { damageOfBytes, SEED } from "./damage-of-bytes.ts";

describe(`C5 C7 damage of every seventh stored byte (seed ${SEED})`, () =>
  damageOfBytes({ stride: 7, rounds: 10 }));
