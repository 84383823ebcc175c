// Another process that holds a location. Node 20 runs no TypeScript, so the sources come through Vite.
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

const [, , task, location] = process.argv;
const server = await createViteServer({
  root: fileURLToPath(new URL("../../../..", import.meta.url)),
  configFile: fileURLToPath(new URL("../../../../vitest.config.ts", import.meta.url)),
  logLevel: "silent",
  server: { middlewareMode: true, watch: null, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const { level } = await server.ssrLoadModule(fileURLToPath(new URL("../../src/index.ts", import.meta.url)));

const say = (line) => process.stdout.write(`${line}\n`);

async function tryToOpen() {
  try {
    const backend = await level({ location }).open();
    say("opened");
    await backend.close();
  } catch (error) {
    say(error.code);
  }
}

/** Commits until it is killed, and says which head has been acknowledged. */
async function commitForever(keeps) {
  const backend = await level({ location, keeps }).open();
  const bytes = new Uint8Array(1000);
  let number = (await backend.readHead())?.number ?? 0;
  for (;;) {
    number++;
    bytes.fill(number);
    await backend.createHead(number, bytes, [{ type: "put", name: `value/${number}`, bytes }]);
    say(number);
  }
}

await (task === "open" ? tryToOpen() : commitForever(task !== "scratch"));
await server.close();
process.exit();
