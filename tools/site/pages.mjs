// @ts-check
// Which files of the repository are pages of the site, and where: what is written once, for readers of the repository,
// is shown there as well.

import { dirname, join, posix } from "node:path";

/** Where the repository is, for links to what is no page, and to edit a page. */
export const REPOSITORY = "https://github.com/zspine/zspine";

/** @type {readonly (readonly [source: RegExp, page: string])[]} */
const PAGES = [
  [/^README\.md$/, "index.md"],
  [/^docs\/guides\/([\w-]+)\.md$/, "guides/$1.md"],
  [/^docs\/features\.md$/, "features.md"],
  [/^packages\/([\w-]+)\/README\.md$/, "packages/$1.md"],
  [/^examples\/([\w-]+)\/README\.md$/, "examples/$1.md"],
  [/^decisions\/([\w-]+)\.md$/, "decisions/$1.md"],
  [/^bench\/README\.md$/, "bench.md"],
  [/^ARCHITECTURE\.md$/, "architecture.md"],
  [/^CONTRIBUTING\.md$/, "contributing.md"],
  [/^docs\/(figures|performance)\/([\w-]+\.svg)$/, "$1/$2"],
];

/**
 * Where a file of the repository is on the site; undefined for what is not there.
 * @param {string} source its path in the repository
 */
export function pageOf(source) {
  for (const [pattern, page] of PAGES) if (pattern.test(source)) return source.replace(pattern, page);
  return undefined;
}

/**
 * A link as it is to be on the site: to another page where there is one, else to the repository.
 * @param {string} link as the source has it
 * @param {string} source the path of the file in which it is
 * @param {(path: string) => boolean} isThere whether the repository has a file or a folder
 * @throws an error for a link to what is not there
 */
export function linkOnSite(link, source, isThere) {
  if (/^([a-z]+:|#|\/)/.test(link)) return link;
  const [path = "", anchor] = link.split("#");
  const target = posix.normalize(join(dirname(source), path)).replace(/\/$/, "");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (!isThere(target)) throw new Error(`${source}: links to ${link}, and there is no ${target}`);
  const page = pageOf(target);
  const own = pageOf(source);
  if (page === undefined || own === undefined) return `${REPOSITORY}/blob/main/${target}${hash}`;
  const relative = posix.relative(dirname(own), page);
  return `${relative.startsWith(".") ? "" : "./"}${relative}${hash}`;
}

/**
 * The markdown of a page: with what the site is told of it. The title is that of the first heading; the file from which it
 * comes is known to the links in it, and to who wants to edit it.
 * @param {string} markdown
 * @param {string} source
 */
export function pageText(markdown, source) {
  const body = markdown.replace(/^---\n[\s\S]*?\n---\n+/, "");
  const title = /^# (.*)$/m.exec(body)?.[1]?.replaceAll("`", "") ?? source;
  const description = /^# .*\n+([^#\n`<|-][\s\S]*?)\n\n/m.exec(body)?.[1] ?? "";
  const plain = description
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[*_`]/g, "")
    .replaceAll(/\s+/g, " ");
  const facts = { title, description: plain, source };
  return `---\n${JSON.stringify(facts)}\n---\n\n${body}`;
}
