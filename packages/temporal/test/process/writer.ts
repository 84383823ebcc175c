// A process that writes until it is killed: each line that it prints tells of a commit that was acknowledged, each that
// it is given how far its reader has come, which knows nothing of holds.
import { createInterface } from "node:readline";
import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { z } from "zod";
import { temporalTrace } from "../../src/index.ts";

const location = process.argv[2]!;
const store = await openStore({ backend: file({ location }) });
const schema = { key: z.int32(), value: z.int32(), create: true };
const trace = await temporalTrace(store, "counters", schema);
const plain = await store.trace("plain", schema);
let position = -1;
createInterface({ input: process.stdin }).on("line", (line) => {
  position = Number(line);
});
const followed = await trace.hold({ name: "reader", at: trace.upper > 0 ? undefined : trace.since });
const begun = Math.max(0, trace.upper);
for (let time = begun; time < 100_000; time++) {
  trace.insert(time, time % 50, time);
  plain.insert(time, time);
  trace.advance(time + 1);
  const token = await store.commit({ metadata: { time } });
  process.stdout.write(`${JSON.stringify({ time, token })}\n`);
  // A reader that is far behind would find removed what it is about to open, for as long as this goes on.
  while (time > Math.max(position, begun) + 100) await new Promise((resolve) => setTimeout(resolve, 1));
  if (position > followed.at) await followed.advance(position);
  if (time % 10 === 9) trace.advanceSince(time);
  if (time % 25 === 24) await store.compact();
}
