import { isValueName } from "@zspine/core";
import { ByteWriter } from "../block/byte-writer.ts";
import { crc32 } from "../block/crc32.ts";
import { corrupt } from "../block/damage.ts";
import { HEADER_BYTES, seal, unseal } from "../block/header.ts";
import type { StoredBytes } from "../block/stored-bytes.ts";
import { hasFields, isName } from "../head/fields.ts";
import { isCount } from "../head/head-fields.ts";
import type { HeadClone } from "../head/head.ts";
import { identityOfLoan } from "../head/loan-name.ts";
import { StoredFile } from "./stored-file.ts";

/** What a clone borrows of its source: written down in the source, which keeps it, and in the place of the clone. */
export interface Loan {
  /** Random: what tells it from every other loan. */
  readonly id: string;
  /** The name of the clone. */
  readonly name: string;
  /** Names of the values that are borrowed, each once. */
  readonly values: readonly string[];
  /** How many bytes each of them has. */
  readonly valueBytes: readonly number[];
}

/**
 * Encodes a loan: an immutable value of its own.
 *
 * | part | holds |
 * |---|---|
 * | header, magic `ZSPL`, not compressed | see header.ts; its rows are the borrowed values |
 * | the rest | the fields of `Loan` and no others, as UTF-8 JSON |
 */
export function encodeLoan(value: string, { id, name, values, valueBytes }: Loan): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ id, name, values, valueBytes }));
  const writer = new ByteWriter(HEADER_BYTES + json.length, HEADER_BYTES);
  writer.raw(json);
  return seal(writer, "ZSPL", identityOfLoan(value), values.length, 0);
}

/**
 * Decodes a loan.
 *
 * @throws `ZSPINE_CORRUPT` when the bytes are damaged or another value's; `ZSPINE_FORMAT` when a newer version wrote them.
 */
export function decodeLoan(bytes: Uint8Array, value: string): Loan {
  const where = describeLoan(value);
  const { rows, body } = unseal(bytes, "ZSPL", identityOfLoan(value), where);
  const loan = parse(body);
  if (loan === undefined || loan.values.length !== rows)
    throw corrupt(where, "it does not hold what a loan holds");
  return loan;
}

/** Names a loan in messages. */
export function describeLoan(value: string): string {
  return `the loan ${value}`;
}

/** How a head names a loan whose bytes are given. */
export function placeOfLoan(value: string, bytes: Uint8Array): StoredBytes {
  return { value, offset: 0, length: bytes.length, checksum: crc32(bytes, 0, bytes.length) };
}

/** What keeps the values of a loan, and the one that it is written down in, from being removed. */
export function fileOfLoan({ loan }: HeadClone, { values, valueBytes }: Loan): StoredFile {
  return new StoredFile([...values, loan.value], [...valueBytes, loan.length]);
}

function parse(json: Uint8Array): Loan | undefined {
  try {
    const loan: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    if (!hasFields(loan, FIELDS)) return undefined;
    const { values, valueBytes } = loan as Loan;
    const isWhole = values.length === valueBytes.length && new Set(values).size === values.length;
    return isWhole ? (loan as Loan) : undefined;
  } catch {
    return undefined;
  }
}

const FIELDS = {
  id: isName,
  name: isName,
  values: (field: unknown) =>
    Array.isArray(field) && field.every((value) => isName(value) && isValueName(value)),
  valueBytes: (field: unknown) => Array.isArray(field) && field.every(isCount),
};
