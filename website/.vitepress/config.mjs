// @ts-check
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { linkOnSite, REPOSITORY } from "../../tools/site/pages.mjs";
import { GUIDES } from "../guides.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = fileURLToPath(new URL("../pages", import.meta.url));

/** @param {string} page */
const titleOf = (page) => /"title":"([^"]*)"/.exec(readFileSync(`${pages}/${page}.md`, "utf8"))?.[1] ?? page;
/** @param {string} page */
const itemOf = (page) => ({ text: titleOf(page), link: `/${page}` });
/** @param {string} folder */
const itemsOf = (folder) =>
  readdirSync(`${pages}/${folder}`)
    .filter((file) => file.endsWith(".md"))
    .toSorted()
    .map((file) => itemOf(`${folder}/${file.slice(0, -3)}`));

const guides = GUIDES.map(({ title, guides: names }) => ({
  text: title,
  items: names.map((name) => itemOf(`guides/${name}`)),
}));
const more = [
  {
    text: "The repository",
    items: ["architecture", "features", "contributing", "bench"].map((page) => itemOf(page)),
  },
  { text: "Examples", items: itemsOf("examples") },
  { text: "Decisions", collapsed: true, items: itemsOf("decisions") },
];
/**
 * Written by TypeDoc: a package's own names beside its pages, for all of them beside each would be most of the site.
 * @type {readonly { text: string, link: string, items: readonly object[] }[]}
 */
const api = JSON.parse(readFileSync(`${pages}/api/typedoc-sidebar.json`, "utf8"));
const packages = api.map(({ text, link }) => ({ text, link }));
const apiSidebars = Object.fromEntries(
  api.map(({ text, link, items }) => [
    link,
    [
      { text, link, items },
      { text: "All packages", link: "/api/" },
    ],
  ]),
);

/**
 * Has links lead to pages of the site where there are such, and else to the repository.
 * @param {import("vitepress").MarkdownRenderer} md
 */
function resolveLinks(md) {
  md.core.ruler.push("links of the repository", ({ tokens, env }) => {
    const source = env.frontmatter?.source;
    if (source === undefined) return;
    for (const token of tokens.flatMap((one) => [one, ...(one.children ?? [])])) {
      const name = { link_open: "href", image: "src" }[token.type];
      const link = name === undefined ? null : token.attrGet(name);
      if (name !== undefined && link !== null)
        token.attrSet(
          name,
          linkOnSite(link, source, (path) => existsSync(root + path)),
        );
    }
  });
}

export default defineConfig({
  title: "zspine",
  description:
    "Storage for incremental computation in TypeScript: indexed Z-sets in memory, on disk, or across both, with their history.",
  lang: "en",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/hero.svg" }]],
  srcDir: "pages",
  outDir: "../docs/site",
  cleanUrls: true,
  lastUpdated: false,
  markdown: { config: resolveLinks, theme: { light: "github-light", dark: "github-dark" } },
  themeConfig: {
    nav: [
      { text: "Guides", link: "/guides/getting-started", activeMatch: "^/guides/" },
      { text: "Packages", link: "/packages/store", activeMatch: "^/packages/" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
      { text: "Playground", link: "/playground" },
      { text: "Performance", link: "/guides/performance" },
    ],
    sidebar: {
      "/guides/": guides,
      "/packages/": [{ text: "Packages", items: itemsOf("packages") }],
      ...apiSidebars,
      "/api/": [{ text: "API", items: packages }],
      "/": more,
    },
    outline: [2, 3],
    search: {
      provider: "local",
      options: {
        detailedView: true,
        miniSearch: {
          // A code of an error is one word.
          options: { tokenize: (text) => text.split(/[^\p{L}\p{N}_]+/u) },
          searchOptions: {
            combineWith: "AND",
            // Guides first: who looks for a name of the API finds it there as well.
            boostDocument: (id) => (id.startsWith("/guides/") ? 4 : id.startsWith("/api/") ? 0.5 : 1),
          },
        },
      },
    },
    editLink: {
      // Told of a page, and not of this module.
      pattern: ({ frontmatter }) =>
        `https://github.com/zspine/zspine/edit/main/${frontmatter["source"] ?? ""}`,
      text: "Edit this page",
    },
    socialLinks: [{ icon: "github", link: REPOSITORY }],
    footer: { message: "MIT licence" },
  },
});
