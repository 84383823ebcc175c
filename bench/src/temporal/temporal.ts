import { makeFolder, removeFolder } from "../contest/folder.ts";
import { measureBesideUntimed } from "./beside-untimed.ts";
import { measureHistory } from "./history.ts";
import { measureMovingSince } from "./moving-since.ts";

/** Measures temporal traces in this process, and prints what comes of it, line by line, as JSON. */
export async function measureTemporal(size: number, print: (line: string) => void): Promise<void> {
  const tell = (what: string, found: object): void => {
    print(JSON.stringify({ what, ...found }));
  };
  for (const isFolded of [true, false])
    for (let times = 100; times <= Math.max(100, size / 10); times *= 10)
      tell("history", await measureHistory(times, isFolded));
  tell("beside untimed", await measureBesideUntimed(size));
  const folder = makeFolder();
  try {
    tell("moving since", await measureMovingSince(size * 10, folder));
  } finally {
    removeFolder(folder);
  }
}
