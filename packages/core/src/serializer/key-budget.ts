/**
 * Engines hash numbers and bigints without a seed, V8 bigints by their lowest 64 bits alone: whoever chooses the
 * keys of a Map can make all of them collide, and then each costs a look at all before it. Text is hashed with a
 * seed, and objects by identity. So a Map or Set may hold that many numbers, or a sixteenth as many bigints, whose
 * comparing takes longer: at worst some tens of milliseconds for each KiB of them.
 */
export const KEY_BUDGET: number = 2 ** 19;
export const NUMBER_COST = 1;
export const BIGINT_COST = 16;

/** What a refusal of keys beyond the budget says is expected. */
export const KEYS_EXPECTED: string =
  `${KEY_BUDGET} numbers or ${KEY_BUDGET / BIGINT_COST} bigints as keys of one Map or Set; ` +
  "more belong in an array";
