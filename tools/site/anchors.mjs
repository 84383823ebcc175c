// @ts-check
// Links within a page, and to a place in another: VitePress follows links to pages, and not to places in them.

/**
 * Tells which links of the pages of a site lead to a place that the page does not have.
 * @param {ReadonlyMap<string, string>} pages HTML by path from the root of the site, such as `guides/reading.html`
 * @returns {string[]}
 */
export function deadAnchors(pages) {
  const places = new Map([...pages].map(([path, html]) => [path, idsIn(html)]));
  return [...pages].flatMap(([path, html]) =>
    anchorsIn(html).flatMap(({ page, anchor }) => {
      const target = page === "" ? path : pageAt(page, path, pages);
      if (target === undefined) return [`${path}: links to ${page}, which is no page`];
      if (places.get(target)?.has(anchor) === true) return [];
      return [`${path}: links to #${anchor} of ${target}, which is not there`];
    }),
  );
}

/** @param {string} html */
function idsIn(html) {
  return new Set([...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => unescapeHtml(id ?? "")));
}

/**
 * The links of a page that are within the site and name a place.
 * @param {string} html
 */
function anchorsIn(html) {
  return [...html.matchAll(/\bhref="([^"#]*)#([^"]+)"/g)].flatMap(([, page = "", anchor = ""]) =>
    /^[a-z]+:/.test(page) ? [] : [{ page, anchor: decodeURIComponent(unescapeHtml(anchor)) }],
  );
}

/**
 * @param {string} link
 * @param {string} from
 * @param {ReadonlyMap<string, string>} pages
 */
function pageAt(link, from, pages) {
  const path = decodeURIComponent(new URL(link, `http://site/${from}`).pathname.slice(1));
  return [path, `${path}.html`, `${path}index.html`, `${path}/index.html`].find((one) => pages.has(one));
}

/** @param {string} text */
function unescapeHtml(text) {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
