// @ts-check
// Plays in the playground as a visitor does: steps, looks back, kills, and flips a bit; keeps a scene in IndexedDB over a reload and
// clears it; reads flights from CSV of which a line is broken; and has more rows than a budget has memory for.

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

  /** @param {string} scene */
  const enter = async (scene) => {
    // The same page with another scene would not be loaded again.
    await page.goto("about:blank");
    await page.goto(`${address}/playground#${scene}`, { waitUntil: "networkidle" });
    await rest();
  };

  await enter("seed=7&days=12");
  expect((await figures()).startsWith("day 12"), "does not begin on the day of its address");
  await press(/^Step/);
  expect((await figures()).startsWith("day 13"), "a step does not read a day");
  expect(page.url().includes("#seed=7&days=13&"), "the address does not tell the day");
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
  await page.keyboard.press("s");
  await page.waitForFunction("document.querySelector('.figures').textContent.includes('day 14')");
  await rest();

  await enter("seed=9&days=4&place=browser");
  await press(/^Step/);
  await page.reload({ waitUntil: "networkidle" });
  await rest();
  expect((await figures()).startsWith("day 5"), "what IndexedDB keeps is not there after a reload");
  expect(/Found 5 days in IndexedDB/.test(await log()), "it does not tell what it has found");
  await press(/^Clear/);
  expect(/Cleared/.test(await log()), "it does not tell that it has cleared");
  await page.reload({ waitUntil: "networkidle" });
  await rest();
  expect((await figures()).startsWith("day 3"), "what was cleared is there after a reload");
  await press(/^Clear/);

  await enter("seed=7&days=1");
  await page.locator(".form summary").click();
  await page
    .locator("#csv")
    .fill("day,from,to,number,delay\n1,ATL,BOS,1,5\n1,ATL,BOS,2,late\n2,ATL,BOS,3,7\n");
  await press(/^Read these/);
  expect(
    /line 3: delay: expected a whole number, found "late"/.test(await log()),
    "a broken row is not told with its line",
  );
  expect((await figures()).startsWith("day 2"), "the other rows are not read");
  expect(await page.getByRole("button", { name: "All days are read" }).isDisabled(), "there is a day more");

  await enter("seed=7&days=12&flights=10000&budget=2");
  const [, memory = "0"] = /memory ([\d,]+) kB/.exec(await figures()) ?? [];
  const bytes = Number(memory.replaceAll(",", "")) * 1000;
  expect(bytes > 0 && bytes <= 2 ** 21 + 2 ** 18, `takes ${memory} kB of memory under a budget of 2 MiB`);
  expect((await page.locator(".chart canvas").count()) === 1, "has no chart of bytes");
  return errors;
}
