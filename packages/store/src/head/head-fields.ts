import { isValueName } from "@zspine/core";
import { hasFields, isName } from "./fields.ts";
import { isLoanName } from "./loan-name.ts";
import { isJson, isMetadata } from "./metadata.ts";
import { isTableName } from "./table-name.ts";

/** Tells whether a field is a whole number from 0 up to, and with, 2⁵³ − 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isUint32(value: unknown): boolean {
  return isCount(value) && value <= 0xffffffff;
}

/** Tells whether a field is a list of names, ascending and each once. */
export function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName) && isAscending(value);
}

/** Tells whether a field is a list of traces, ascending by name and each once. */
export function areTraces(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((trace) => hasFields(trace, TRACE) && areMarked(trace as Marked)))
    return false;
  return isAscending(value.map(({ name }: { name: string }) => name));
}

/** Tells whether a field is a stored batch. */
export function isBatch(value: unknown): boolean {
  return hasFields(value, BATCH);
}

/** Tells whether a field is a list of holds, ascending by name and each once. */
export function areHolds(value: unknown): boolean {
  if (!Array.isArray(value) || !value.every((hold) => hasFields(hold, HOLD))) return false;
  return isAscending(value.map(({ name }: { name: string }) => name));
}

/** Tells whether a field is a list of clones, one at least, ascending by name and each once. */
export function areClones(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  if (!value.every((clone) => hasFields(clone, CLONE))) return false;
  return isAscending(value.map(({ name }: { name: string }) => name));
}

/** Tells whether a field says how far letters have been taken up. */
export function isMail(value: unknown): boolean {
  return hasFields(value, { next: isPositive, answers: areAnswers });
}

function areAnswers(value: unknown): boolean {
  const refused = { code: isName, message: isName };
  const answer = {
    id: isName,
    refused: (one: unknown): boolean => one === null || hasFields(one, refused),
  };
  return Array.isArray(value) && value.every((one) => hasFields(one, answer));
}

/** Tells whether a field is a list of references to tables. */
export function areTables(value: unknown): boolean {
  return Array.isArray(value) && value.every((table) => hasFields(table, TABLE));
}

const isPositive = (value: unknown): boolean => isCount(value) && value > 0;

const INDEX = {
  value: (value: unknown) => isName(value) && isValueName(value),
  offset: isCount,
  length: isCount,
  checksum: isUint32,
};

const BATCH = {
  id: (value: unknown) => isName(value) && /^[0-9a-f]{8}-[0-9a-z]{1,7}$/.test(value),
  index: (value: unknown) => hasFields(value, INDEX) && isWithinSafe(value as Place),
  rows: isPositive,
  // A sum, which need not be within the range of weights.
  totalWeight: Number.isFinite,
  weightBound: isPositive,
  bytes: isCount,
};

const MARK = { commit: isPositive, batches: isCount, totalWeight: Number.isSafeInteger };

const isCountOrNull = (value: unknown): boolean => value === null || isCount(value);

const HOLD = {
  name: isName,
  commit: isPositive,
  metadata: isMetadata,
  lease: isCountOrNull,
  maxBytes: isCountOrNull,
  isExpired: (value: unknown) => typeof value === "boolean",
};

const KIND = { name: isName, state: isJson };

const TRACE = {
  name: isName,
  created: isPositive,
  fingerprint: isName,
  kinds: (value: unknown) => isName(value) && /^[nb]+t?$/.test(value),
  keyColumns: isPositive,
  totalWeight: Number.isSafeInteger,
  kind: (value: unknown) => value === null || hasFields(value, KIND),
  batches: (value: unknown) => Array.isArray(value) && value.every(isBatch),
  held: (value: unknown) => Array.isArray(value) && value.every((mark) => hasFields(mark, MARK)),
};

const TABLE = {
  value: (value: unknown) => isName(value) && isTableName(value),
  offset: isCount,
  length: isCount,
  checksum: isUint32,
  entries: isPositive,
};

const LOAN = {
  value: (value: unknown) => isName(value) && isLoanName(value),
  offset: isCount,
  length: isCount,
  checksum: isUint32,
};

const CLONE = {
  name: isName,
  id: isName,
  loan: (value: unknown) => hasFields(value, LOAN) && isWithinSafe(value as Place),
};

interface Marked {
  readonly batches: readonly unknown[];
  readonly held: readonly { readonly commit: number; readonly batches: number }[];
}

/** Tells whether what commits are said to have held is of the batches that there are: what is newer has no fewer. */
function areMarked({ batches, held }: Marked): boolean {
  return held.every(
    (mark, at) =>
      mark.batches <= (held[at + 1]?.batches ?? batches.length) &&
      mark.commit < (held[at + 1]?.commit ?? Infinity),
  );
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

function isWithinSafe({ offset, length }: Place): boolean {
  return Number.isSafeInteger(offset + length);
}

function isAscending(names: readonly string[]): boolean {
  return names.every((name, at) => at === 0 || names[at - 1]! < name);
}
