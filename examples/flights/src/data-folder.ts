import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The data cannot be had; the message says what to do. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** Where the files of the example are. */
export interface DataFolder {
  readonly flights: string;
  readonly airports: string;
}

const require = createRequire(import.meta.url);

/**
 * Finds the files in the npm package `vega-datasets`.
 *
 * @param resolve Gives the path of the package's entry, or throws.
 * @throws `DataError` when the package is not installed.
 */
export function findDataFolder(resolve: () => string = () => require.resolve("vega-datasets")): DataFolder {
  let entry: string;
  try {
    entry = resolve();
  } catch (cause) {
    const what = "The package vega-datasets, which holds the data, is not installed.";
    throw new DataError(`${what} Run \`npm ci\`.`, { cause });
  }
  const file = (name: string): string => fileURLToPath(new URL(`../data/${name}`, pathToFileURL(entry)));
  return { flights: file("flights-3m.parquet"), airports: file("airports.csv") };
}

/** Makes the error for a file that is missing or is not what it should be. */
export function unreadable(path: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const what = `Cannot read ${path}: ${reason}`;
  return new DataError(
    `${what}\nThe file comes with the package vega-datasets; \`npm ci\` installs it anew.`,
    { cause },
  );
}
