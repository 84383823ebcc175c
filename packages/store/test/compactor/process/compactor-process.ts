import { file } from "@zspine/backend-file";
import { forward } from "@zspine/conformance";
import type { Backend, BackendOpener } from "@zspine/core";
import { runCompactor } from "../../../src/index.ts";

// A compactor in a process of its own, over the files at its argument. It announces each call to the backend and goes on when
// it is told to, so that who started it ends or stops it at that very call.

let next = (): void => undefined;
process.on("message", () => next());
process.on("disconnect", () => process.exit());

function announced<T>(call: string, work: () => Promise<T>): Promise<T> {
  return new Promise<void>((resolve) => {
    next = resolve;
    process.send!(call);
  }).then(work);
}

function watched(backend: Backend): Backend {
  const { create, get, getSync: _, write, ...others } = forward(backend);
  return {
    ...others,
    capabilities: { ...backend.capabilities, syncReads: false },
    get: (name, ...given) => announced(`get ${name}`, () => get(name, ...given)),
    write: (...given) => announced("write", () => write(...given)),
    create: (name, ...given) => announced(`create ${name}`, () => create!(name, ...given)),
  };
}

const opener = file({ location: process.argv[2]! });
const backend: BackendOpener = {
  type: opener.type,
  open: async (how) => one(watched(await opener.open(how))),
  drop: () => opener.drop(),
};

/** One call at a time: each is announced, and waits for its answer. */
function one(opened: Backend): Backend {
  let turn: Promise<unknown> = Promise.resolve();
  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work, work);
    turn = done.catch(() => undefined);
    return done;
  };
  const { create, get, write, ...others } = forward(opened);
  return {
    ...others,
    get: (...given) => queue(() => get(...given)),
    write: (...given) => queue(() => write(...given)),
    create: (...given) => queue(() => create!(...given)),
  };
}

process.send!("ready");
await runCompactor({ backend, signal: new AbortController().signal, pollMs: 5 });
