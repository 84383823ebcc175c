import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isZspineError } from "@zspine/core";
import type { Store, Trace } from "@zspine/store";
import { feed } from "../../../src/index.ts";

/**
 * Serves what commits change of a trace: GET gives server-sent events, whose ids are tokens, and POST says that a client has
 * one. The next is sent then, with all that has come meanwhile.
 */
export function changesServer<K, V>(store: Store, trace: Trace<K, V>): Server {
  const awaited = new Map<string, { readonly token: string; readonly resolve: () => void }>();
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    const client = searchParams.get("client") ?? "";
    if (request.method !== "POST") return void send(client, request, response);
    const { token, resolve } = awaited.get(client) ?? {};
    if (pathname === `/${token}`) resolve!();
    response.writeHead(204).end();
  });

  async function send(client: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    const { signal } = gone;
    let stopWaiting = (): void => undefined;
    response.on("close", () => {
      gone.abort();
      stopWaiting();
    });
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const from = Number(request.headers["last-event-id"] ?? 0);
    try {
      for await (const { token, changes } of feed(store, trace, { name: `client ${client}`, from, signal })) {
        response.write(`id: ${token}\ndata: ${JSON.stringify([...changes])}\n\n`);
        await new Promise<void>((resolve) => {
          stopWaiting = resolve;
          awaited.set(client, { token: String(token), resolve });
        });
      }
    } catch (error) {
      // What came since its token is not told apart any more: it is to begin with nothing.
      if (isZspineError(error, "ZSPINE_TIME_PASSED")) response.write("event: reset\nid: 0\ndata:\n\n");
      response.end();
    }
  }
}
