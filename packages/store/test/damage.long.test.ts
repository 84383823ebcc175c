import { describe } from "vitest";
import { damageOfBytes, SEED } from "./damage-of-bytes.ts";

describe(`C5 C7 damage of any stored byte (seed ${SEED})`, () => damageOfBytes({ stride: 1, rounds: 60 }));
