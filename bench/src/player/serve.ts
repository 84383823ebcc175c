import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Kind } from "../workload/kind.ts";
import { Workload } from "../workload/workload.ts";
import { repertoires } from "./repertoires.ts";
import type { Work } from "./work.ts";

/**
 * Plays a contestant: `serve NAME DATA SCRATCH`. A line in, a line of JSON out: `open WORK KIND N`, `check`, `run`; ends at
 * `exit` and where the input ends.
 *
 * No garbage is collected before a run: when V8 finds no object of a class alive, it throws away code that is
 * specialised to it, and the run is 3–16 times slower.
 */
async function serve(name: string, data: string, scratch: string): Promise<void> {
  const load = repertoires[name];
  if (load === undefined)
    throw new Error(`expected one of ${Object.keys(repertoires).join(", ")}, found ${name}`);
  const repertoire = await load();
  let work: Work | undefined;
  const answer = async (line: string): Promise<unknown> => {
    const [what, workName = "", kind = "", n = ""] = line.split(" ");
    if (what === "open") {
      await work?.close?.();
      work = undefined;
      const open = repertoire[workName];
      if (open === undefined) throw new Error(`${name} has no work ${workName}`);
      const workload = new Workload(data, kind as Kind, Number(n));
      work = await open({ workload, location: join(scratch, `${name}-${kind}-${n}`) });
      return {};
    }
    if (work === undefined) throw new Error(`no work is open for "${line}"`);
    if (what === "run") return await work.run();
    if (what === "check") return { check: await work.check?.() };
    throw new Error(`expected open, check, run or exit, found "${line}"`);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "exit") break;
    const said = await answer(line).catch((error: unknown) => ({ error: (error as Error).message }));
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
  await work?.close?.();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = "", data = "", scratch = ""] = process.argv.slice(2);
  await serve(name, data, scratch);
  process.exit(0);
}
