import { level } from "@zspine/backend-level";
import { opfs } from "@zspine/backend-opfs";
import { z } from "zod";
import { answer } from "../../../../tools/browser/worker.ts";
import { openStore, type Store, type Trace } from "../../src/index.ts";

/** What the worker of a tab is asked to do with its one store. */
export type Request =
  | {
      readonly do: "open";
      readonly medium: "opfs" | "level";
      readonly location: string;
      readonly waits?: boolean;
    }
  /** Commits rows, ten at a time, as often as is said, and tells of each commit on the channel of the location. */
  | { readonly do: "commit"; readonly times: number; readonly bytes?: number }
  | { readonly do: "rows" | "close" };

const ROWS = 10;

let store: Store | undefined;
let trace: Trace<number, string> | undefined;
let channel: { postMessage(message: number): void } | undefined;
let next = 0;
let release: () => void = () => undefined;

/** Waits until nobody else has the lock, as the guide to browsers shows, and keeps it until it is released. */
function lead(location: string): Promise<void> {
  const { locks } = Reflect.get(globalThis, "navigator") as {
    readonly locks: { request(name: string, hold: () => Promise<void>): Promise<void> };
  };
  return new Promise((resolve) => {
    void locks.request(`leader of ${location}`, () => {
      resolve();
      return new Promise<void>((free) => {
        release = free;
      });
    });
  });
}

async function open(medium: "opfs" | "level", location: string, waits: boolean): Promise<number> {
  if (waits) await lead(location);
  store = await openStore({ backend: medium === "opfs" ? opfs({ location }) : level({ location }) });
  trace = await store.trace("t", { key: z.int32(), value: z.string() });
  channel = new BroadcastChannel(location);
  next = (await rows()).length;
  return next;
}

/** The keys that are there, of which each is to be there once and with weight 1. */
async function rows(): Promise<number[]> {
  const keys: number[] = [];
  for await (const { key, weight } of trace!.rows()) {
    if (weight !== 1) throw new Error(`${key} has weight ${weight}`);
    keys.push(key);
  }
  return keys;
}

async function commit(times: number, bytes: number): Promise<number> {
  for (let n = 0; n < times; n++) {
    for (let at = 0; at < ROWS; at++) trace!.insert(next++, randomText(bytes));
    await store!.commit();
    channel!.postMessage(next);
  }
  return next;
}

/** Text that does not become shorter. */
function randomText(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    String.fromCharCode(32 + (byte & 63)),
  ).join("");
}

answer(async (request: Request) => {
  switch (request.do) {
    case "open":
      return open(request.medium, request.location, request.waits ?? false);
    case "commit":
      return commit(request.times, request.bytes ?? 20);
    case "rows":
      return rows();
    case "close":
      await store?.close();
      store = undefined;
      release();
  }
});
