// @ts-check
// Plays in the playground as a visitor does: steps, looks back, kills, and flips a bit.

/** Of a page on a busy machine. */
const LIMIT_MS = 60_000;

/**
 * @param {import("playwright").Page} page
 * @param {string} address of the site
 * @returns {Promise<string[]>} what was not as it should be
 */
export async function play(page, address) {
  /** @type {string[]} */
  const errors = [];
  /** @param {boolean} isFine @param {string} what */
  const expect = (isFine, what) => {
    if (!isFine) errors.push(`/playground: ${what}`);
  };
  const rest = () => page.waitForSelector('.playground[data-ready="true"]', { timeout: LIMIT_MS });
  /** @param {RegExp} name */
  const press = async (name) => {
    await page.getByRole("button", { name }).click();
    // Vue shows that it is busy in the next microtask.
    await page.evaluate("Promise.resolve()");
    await rest();
  };
  const log = () => page.locator(".log").innerText();
  const figures = () => page.locator(".figures").innerText();

  await page.goto(`${address}/playground#seed=7&days=12`, { waitUntil: "networkidle" });
  await rest();
  expect((await figures()).startsWith("day 12"), "does not begin on the day of its address");
  await press(/^Step/);
  expect((await figures()).startsWith("day 13"), "a step does not read a day");
  expect(page.url().endsWith("#seed=7&days=13"), "the address does not tell the day");
  expect((await page.locator(".minus").count()) > 0, "the delta of a step has no retraction");
  const [before] = await page.locator(".tables tbody").allInnerTexts();
  await page.locator("#as-of").fill("2");
  await rest();
  await page.waitForFunction("document.querySelector('.tables h3').textContent.includes('day 3')");
  const [then] = await page.locator(".tables tbody").allInnerTexts();
  expect(before !== then && then !== "", "as of day 3 is what it is now");
  await press(/^Kill/);
  expect(
    /Opened at head 13, .* all that was committed/.test(await log()),
    "what was committed is not there after a kill",
  );
  await press(/^Flip/);
  expect(/verify\(\) has read .* found it/.test(await log()), "verify() does not find a bit that is flipped");
  await press(/^Put the bit back/);
  await press(/^Compact/);
  expect(
    (await page.locator(".batch").count()) === 2,
    "two traces are not two batches when they are compacted",
  );
  return errors;
}
