// @ts-check

/**
 * Reads the whole number that an option has been given; ends the process, with 2, where it is none.
 * @param {string} name The option, without dashes.
 * @param {string} text
 * @param {{ usage: string, least?: number, most?: number }} how
 */
export function wholeNumber(name, text, { usage, least = 1, most = 999_999_999 }) {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number >= least && number <= most) return number;
  console.error(
    `error: --${name}: expected a whole number from ${least} to ${most}, found "${text}"\n${usage}`,
  );
  return process.exit(2);
}
