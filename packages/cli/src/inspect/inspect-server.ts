import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describeFailure, EXIT_MISUSED } from "../console/failure.ts";
import type { Inspector } from "./inspector.ts";
import { pageOf } from "./page.ts";

// A page of another origin can have a browser ask any address of this machine, and a name of its own lead here (DNS
// rebinding). So what is asked for has to begin with a token that only who reads the terminal knows, and with a host that is
// this machine by number or as localhost; and nothing that can be asked for changes anything.

const LOOPBACK = "127.0.0.1";
const TOKEN_BYTES = 24;

/** A server that shows a store, and the address of its page. */
export interface InspectServer {
  /** Of the page, with the token. */
  readonly url: string;
  /** Ends it, and what it is answering. */
  close(): Promise<void>;
}

/**
 * Serves the page of a store to this machine alone.
 *
 * @param port 0 for any that is free.
 * @throws (rejects with) an error of the system, `EADDRINUSE`, where the port is taken.
 */
export async function serveInspector(inspector: Inspector, port: number): Promise<InspectServer> {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const server = createServer((request, response) => {
    void answer({ request, response, inspector, token, port: portOf(server) });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: LOOPBACK, port, exclusive: true }, resolve);
  });
  return {
    url: `http://${LOOPBACK}:${portOf(server)}/${token}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly inspector: Inspector;
  readonly token: string;
  readonly port: number;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const refusal = refusalOf(exchange);
  if (refusal !== undefined) {
    send(response, refusal, "text/plain", "not for you\n");
    return;
  }
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
  });
  try {
    await answerKnown(exchange, gone.signal);
  } catch (error) {
    if (gone.signal.aborted) return;
    const { message, exitCode } = describeFailure(error);
    send(response, exitCode === EXIT_MISUSED ? 400 : 500, "application/json", JSON.stringify({ message }));
  } finally {
    request.resume();
  }
}

/** The status with which a request is turned away; undefined for one that is answered. */
function refusalOf({ request, token, port }: Exchange): number | undefined {
  const { host = "", origin } = request.headers;
  const hosts = [`${LOOPBACK}:${port}`, `localhost:${port}`];
  if (!hosts.includes(host)) return 403;
  if (origin !== undefined && !hosts.some((own) => origin === `http://${own}`)) return 403;
  if (!isSame((request.url ?? "").split("/")[1] ?? "", token)) return 403;
  return request.method === "GET" ? undefined : 405;
}

function isSame(found: string, token: string): boolean {
  const [left, right] = [Buffer.from(found), Buffer.from(token)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function answerKnown({ request, response, inspector }: Exchange, signal: AbortSignal): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", `http://${LOOPBACK}`);
  switch (pathname.split("/").slice(2).join("/")) {
    case "": {
      const nonce = randomBytes(TOKEN_BYTES).toString("base64url");
      const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
      response.setHeader("content-security-policy", policy);
      send(response, 200, "text/html; charset=utf-8", pageOf(nonce));
      return;
    }
    case "store":
      send(response, 200, "application/json", JSON.stringify(await inspector.describe()));
      return;
    case "rows": {
      const trace = searchParams.get("trace") ?? "";
      const from = searchParams.get("from") ?? undefined;
      const asOf = searchParams.has("asOf") ? Number(searchParams.get("asOf")) : undefined;
      const rows = await inspector.rows({ trace, from: from === "" ? undefined : from, asOf }, signal);
      send(response, 200, "application/x-ndjson", rows);
      return;
    }
    case "verify":
      send(response, 200, "application/json", JSON.stringify(await inspector.verify(signal)));
      return;
    default:
      send(response, 404, "text/plain", "there is nothing here\n");
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}
