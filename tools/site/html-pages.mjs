// @ts-check
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/**
 * Reads the pages of a site: HTML by path from its root.
 * @param {string} folder
 */
export async function htmlPages(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const pages = files.filter((file) => file.isFile() && file.name.endsWith(".html"));
  return new Map(
    await Promise.all(
      pages.map(async ({ name, parentPath }) => {
        const path = join(parentPath, name);
        return /** @type {const} */ ([
          relative(folder, path).replaceAll("\\", "/"),
          await readFile(path, "utf8"),
        ]);
      }),
    ),
  );
}
