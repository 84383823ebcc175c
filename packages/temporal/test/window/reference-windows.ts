// Windows worked out of a list of all changes, by their definition and nothing else.

/** A change as a list has it. */
export interface Change {
  readonly time: number;
  readonly key: string;
  readonly value: number;
  readonly weight: number;
}

/** A window as plain data: its rows as `[key, value, weight]`, in order. */
export interface PlainWindow {
  readonly start: number;
  readonly end: number;
  readonly rows: readonly (readonly [string, number, number])[];
}

const FIRST = -(2n ** 53n - 1n);
const END = 2n ** 53n;

/** Adds up changes; what comes to 0 is not there. */
export function sumOf(changes: readonly Change[]): PlainWindow["rows"] {
  const sums = new Map<string, [string, number, number]>();
  for (const { key, value, weight } of changes) {
    const name = JSON.stringify([key, value]);
    const row = sums.get(name) ?? [key, value, 0];
    row[2] += weight;
    sums.set(name, row);
  }
  const byKey = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...sums.values()].filter((row) => row[2] !== 0).sort((a, b) => byKey(a[0], b[0]) || a[1] - b[1]);
}

/** All windows that begin every `step` and have something in them, by ends and then starts. */
export function alignedReference(
  changes: readonly Change[],
  {
    size,
    step,
    offset = 0,
    from,
  }: { size: number; step: number; offset?: number | undefined; from?: number },
): PlainWindow[] {
  const windows = new Map<bigint, Change[]>();
  for (const change of changes) {
    const time = BigInt(change.time);
    // The last start that is not above it, and those before.
    let start = BigInt(offset);
    const steps = (time - start) / BigInt(step);
    start += steps * BigInt(step);
    if (start > time) start -= BigInt(step);
    for (; start + BigInt(size) > time; start -= BigInt(step))
      if (from === undefined || start > from) windows.set(start, [...(windows.get(start) ?? []), change]);
  }
  return inOrder(
    [...windows].map(([start, list]) => ({ start, end: start + BigInt(size), rows: sumOf(list) })),
  );
}

/** All sessions of all keys, those with the same bounds as one window. */
export function sessionReference(changes: readonly Change[], { gap }: { gap: number }): PlainWindow[] {
  const sessions = new Map<string, { start: bigint; end: bigint; list: Change[] }>();
  for (const key of new Set(changes.map((change) => change.key))) {
    const ofKey = changes.filter((change) => change.key === key);
    const times = [...new Set(ofKey.map((change) => change.time))].sort((a, b) => a - b);
    // What comes to nothing within a time is no change.
    const changing = times.filter((time) => sumOf(ofKey.filter((change) => change.time === time)).length > 0);
    let [start] = changing;
    for (const [at, time] of changing.entries()) {
      const next = changing[at + 1];
      if (next !== undefined && BigInt(next) - BigInt(time) < BigInt(gap)) continue;
      const end = BigInt(time) + BigInt(gap);
      const bounds = { start: BigInt(start!), end: end > END ? END : end };
      const name = `${bounds.start} ${bounds.end}`;
      const session = sessions.get(name) ?? { ...bounds, list: [] };
      session.list.push(...ofKey.filter((change) => change.time >= start! && change.time <= time));
      sessions.set(name, session);
      start = next;
    }
  }
  return inOrder([...sessions.values()].map(({ start, end, list }) => ({ start, end, rows: sumOf(list) })));
}

/** Those that are over once times up to `until` are complete. */
export function overAt(windows: readonly PlainWindow[], until: number): PlainWindow[] {
  return windows.filter(({ end }) => BigInt(end) <= BigInt(until) + 1n);
}

function inOrder(
  windows: readonly { start: bigint; end: bigint; rows: PlainWindow["rows"] }[],
): PlainWindow[] {
  return windows
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => Number(a.end < END || b.end < END ? a.end - b.end : 0n) || Number(a.start - b.start))
    .map(({ start, end, rows }) => ({
      start: Number(start < FIRST ? FIRST : start),
      end: Number(end > END ? END : end),
      rows,
    }));
}
