/**
 * Who a piece of bytes is: the writer and its batch, and the number within the batch, each an unsigned 32-bit
 * integer. A medium that answers with another value's bytes, whole and with a good checksum, is caught by it.
 */
export interface BlockIdentity {
  readonly writer: number;
  readonly batch: number;
  readonly number: number;
}

/** @throws `RangeError` when a part of the identity is no unsigned 32-bit integer. */
export function checkIdentity(identity: BlockIdentity): void {
  const { writer, batch, number } = identity;
  if (writer >>> 0 === writer && batch >>> 0 === batch && number >>> 0 === number) return;
  throw new RangeError(
    `an identity is three unsigned 32-bit integers, found ${describeIdentity(identity)}; nothing was encoded`,
  );
}

/** Describes an identity in a message. */
export function describeIdentity({ writer, batch, number }: BlockIdentity): string {
  return `number ${number} of batch ${batch} of writer ${writer}`;
}
