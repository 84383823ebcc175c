/** Writes a number with separators and `digits` decimals: 1,234.5. */
export function formatCount(count: number, digits = 0): string {
  return count.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Writes bytes in megabytes of 10⁶ bytes: small ones with a decimal. */
export function formatBytes(bytes: number): string {
  const megabytes = bytes / 1e6;
  return `${formatCount(megabytes, megabytes < 100 ? 1 : 0)} MB`;
}

/** Writes how many of something there are: 1 day, 2 days. */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
