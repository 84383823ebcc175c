/** A block has at most this many rows. */
export const BLOCK_ROWS_MAX = 65536;
/** Batches are cut into blocks of at most this many rows: so many compress well, and a look-up decodes no more than it must. */
export const BLOCK_ROWS = 8192;
/** And at about this many bytes of columns; rows that are larger have blocks of their own. */
export const BLOCK_BYTES: number = 256 * 1024;

/** Rows of a packed block between two that can be read by themselves, where others follow from the ones before. */
export const STRIDE = 32;
