import { once } from "node:events";
import type { Terminal } from "../console/terminal.ts";
import { Inspector } from "../inspect/inspector.ts";
import { serveInspector } from "../inspect/inspect-server.ts";
import { findReadPlace } from "../place/place.ts";
import { openToRead } from "../place/read-store.ts";
import type { StoreCommandOptions } from "./store-commands.ts";

/** What `zspine inspect` is told. */
export interface InspectCommandOptions extends StoreCommandOptions {
  /** 0 for any that is free. */
  readonly port: number;
}

/** Shows a store in a page, to this machine alone, until Ctrl+C: `zspine inspect LOCATION`. */
export async function inspectCommand(
  terminal: Terminal,
  location: string,
  { backend, port, json }: InspectCommandOptions,
): Promise<void> {
  const place = await findReadPlace(location, backend);
  await using store = await openToRead(terminal, place, {});
  const server = await serveInspector(new Inspector(store, { location, backend: place.backend }), port);
  try {
    await terminal.write(json === true ? `${JSON.stringify({ url: server.url })}\n` : `${server.url}\n`);
    terminal.tell("the page is for this machine, and reads only; Ctrl+C ends it");
    if (!terminal.signal.aborted) await once(terminal.signal, "abort");
  } finally {
    await server.close();
  }
}
