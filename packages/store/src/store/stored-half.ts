// The half of a store that knows bytes: what finds it in its backend, writes its slots and brings them, moves them between
// memory and backend, tells tables and what others have left from one another, and speaks with other processes. A store
// whose rows never leave memory has nothing of it. So this is the one door to it: `loadStoredHalf()` imports this file, and
// what every store is made of imports nothing behind it.
export { recover } from "../recovery/recover.ts";
export { recoverBesideWriter } from "../recovery/recover-beside-writer.ts";
export { assembleCompanions, assembleStored } from "./assemble-stored.ts";
export { backUp } from "./back-up.ts";
export { Follower } from "./follower.ts";
export { toldOfOthers } from "./told-of-others.ts";
export { verifyStore } from "./verify-store.ts";
