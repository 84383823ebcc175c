import { inNextTurn } from "./next-turn.ts";

// Tests let others run by setImmediate, which browsers have not. Nothing else of Node is put into the page: the sources,
// and what they are built on, find there what a user's page has.
Object.assign(globalThis, { setImmediate: inNextTurn });
