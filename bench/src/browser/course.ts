import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { opfs } from "@zspine/backend-opfs";
import { openStore, type Store, type Trace } from "@zspine/store";
import { z } from "zod";

/** Where the store is. */
export type MediumName = "memory" | "level" | "opfs";

/** What was measured of one medium, in milliseconds. */
export interface Figures {
  /** From `insert()` of the first row to the last of ten commits. */
  readonly write: number;
  /** From `openStore()` to the trace, and from there to the first row that is looked up. */
  readonly open: number;
  readonly firstLookUp: number;
  /** Of a row, when a thousand of them are looked up one after another. */
  readonly lookUp: number;
  /** From the first chunk of all rows to the last. */
  readonly readAll: number;
  /** How long a turn of the event loop has taken at most, while rows were written, and after that. */
  readonly longestTurnWriting: number;
  readonly longestTurnReading: number;
}

const ROWS = 100_000;
const COMMITS = 10;
/** Rows that are inserted in one turn, as by a handler of messages. */
const ROWS_A_TURN = 500;
const LOOK_UPS = 1000;
const SCHEMA = { key: z.int32(), value: z.object({ customer: z.string(), total: z.number() }) };

type Orders = Trace<number, { customer: string; total: number }>;

/** Writes 10⁵ rows, closes the store, opens it anew and reads, in whatever thread this is. */
export async function run(medium: MediumName, place: string): Promise<Figures> {
  const turns = watchTurns();
  let store = await opened(medium, place);
  let orders: Orders = await store.trace("orders", SCHEMA);
  turns.begin();
  const write = await timed(async () => {
    for (let row = 0; row < ROWS; row++) {
      orders.insert(row, { customer: `customer ${row % 977}`, total: (row * 7919) % 10_007 });
      if (row % ROWS_A_TURN === 0) await nextTurn();
      if ((row + 1) % (ROWS / COMMITS) === 0) await store.commit();
    }
  });
  const longestTurnWriting = turns.end();
  if (medium !== "memory") await store.close();
  turns.begin();
  const open = await timed(async () => {
    if (medium === "memory") return;
    store = await opened(medium, place);
    orders = await store.trace("orders", SCHEMA);
  });
  const firstLookUp = await timed(() => lookUp(orders, 54_321));
  const lookUps = await timed(async () => {
    for (let n = 0; n < LOOK_UPS; n++) await lookUp(orders, (n * 7919) % ROWS);
  });
  const readAll = await timed(async () => {
    let rows = 0;
    for await (const { length } of orders.chunks()) rows += length;
    if (rows !== ROWS) throw new Error(`${rows} rows were read`);
  });
  const longestTurnReading = turns.end();
  await store.close();
  return {
    write,
    open,
    firstLookUp,
    lookUp: lookUps / LOOK_UPS,
    readAll,
    longestTurnWriting,
    longestTurnReading,
  };
}

function opened(medium: MediumName, location: string): Promise<Store> {
  const backends = { memory, level: () => level({ location }), opfs: () => opfs({ location }) };
  return openStore({ backend: backends[medium]() });
}

async function lookUp(orders: Orders, key: number): Promise<void> {
  const found = await orders.get(key);
  if (found.length !== 1) throw new Error(`row ${key} was not found once`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.addEventListener("message", () => waiting.shift()?.());
channel.port1.start();

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(undefined);
  });
}

/** Asks for turn after turn, and tells the longest time between two. */
function watchTurns(): { begin(): void; end(): number } {
  let longest = 0;
  let isWatching = false;
  const watch = async (): Promise<void> => {
    let last = performance.now();
    for (;;) {
      await nextTurn();
      if (!isWatching) return;
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  };
  return {
    begin() {
      longest = 0;
      isWatching = true;
      void watch();
    },
    end() {
      isWatching = false;
      return longest;
    },
  };
}
