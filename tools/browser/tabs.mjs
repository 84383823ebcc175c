// @ts-check
// Tabs that tests in a browser open and close, by commands of vitest: a page of its own each, with a process of its own.

/** @typedef {import("playwright").Page} Page */
/** @typedef {{ readonly context: import("playwright").BrowserContext, readonly page: Page }} Session */

/** @type {Map<number, Page>} */
const tabs = new Map();
let last = 0;

/**
 * What a test calls as `commands.openTab(…)` and so on; a tab runs a module, which may leave a function `ask` for
 * {@link askTab}.
 */
export const commands = {
  /**
   * Opens a tab of the same origin; tells its number.
   * @param {Session} session
   * @param {string} module a path from the root
   */
  async openTab({ context, page }, module) {
    const tab = await context.newPage();
    const url = new URL("/zspine-tab", page.url()).href;
    const body = `<!doctype html><title>tab</title><script type="module" src="/${module}"></script>`;
    await tab.route(url, (route) => route.fulfill({ contentType: "text/html", body }));
    await tab.goto(url);
    await tab.waitForFunction(() => "ask" in globalThis);
    tabs.set(++last, tab);
    return last;
  },

  /**
   * Asks a tab, and tells what it answers.
   * @param {Session} _session
   * @param {number} number
   * @param {unknown} request
   */
  askTab(_session, number, request) {
    return tabs.get(number)?.evaluate((asked) => {
      const { ask } = /** @type {{ ask(request: unknown): Promise<unknown> }} */ (
        /** @type {unknown} */ (globalThis)
      );
      return ask(asked);
    }, request);
  },

  /**
   * Closes a tab, whatever it is doing.
   * @param {Session} _session
   * @param {number} number
   */
  async closeTab(_session, number) {
    await tabs.get(number)?.close();
    tabs.delete(number);
  },
};
