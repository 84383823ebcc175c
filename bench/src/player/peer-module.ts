import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Imports a module of a peer, which lies in a folder of its own and not among the dependencies of this repository.
 *
 * @param path The name of the package, or a file in it.
 */
export async function importPeer<Module>(path: string): Promise<Module> {
  const peers = process.env["ZSPINE_BENCH_PEERS"];
  if (peers === undefined)
    throw new Error("ZSPINE_BENCH_PEERS: expected the folder of the peers, found nothing");
  const isFile = /\.m?js$/.test(path);
  const found = isFile
    ? `${peers}/node_modules/${path}`
    : createRequire(`${peers}/package.json`).resolve(path);
  return (await import(pathToFileURL(found).href)) as Module;
}
