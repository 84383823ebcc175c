// A process that serves the changes of a trace, and makes some, until it is killed. It prints its port.
import type { AddressInfo } from "node:net";
import { file } from "@zspine/backend-file";
import { openStore } from "@zspine/store";
import { z } from "zod";
import { changesServer } from "./changes-server.ts";

const store = await openStore({ backend: file({ location: process.argv[2]! }) });
const trace = await store.trace("t", { key: z.int32(), value: z.int32() });
const server = changesServer(store, trace);
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
// Of a process that nobody has killed, there is an end.
for (let n = trace.size; n < 2000; n++) {
  trace.insert(n % 10, n);
  if (n >= 10) trace.insert(n % 10, n - 10, -1);
  await store.commit({ metadata: { n } });
  await new Promise((resolve) => setTimeout(resolve, 1));
}
