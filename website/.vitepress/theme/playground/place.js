// @ts-check
// Where the bytes of a scene lie.

import { level } from "@zspine/backend-level";
import { memory } from "@zspine/backend-memory";
import { retained } from "@zspine/conformance";

const PLACE = "page";

/**
 * @typedef {object} Place
 * @property {boolean} isKept whether what is committed is there when the page is loaded again
 * @property {() => Promise<import("@zspine/core").Backend>} open
 * @property {() => void} crash cuts off what is open, as the end of a process does; of a kept place only the end of the page does
 * @property {() => Promise<void>} clear removes all of it; nothing has it open
 */

/** A medium in the page, simulated: it is durable for as long as the page is, and can be cut off at any moment. @returns {Place} */
export function simulatedPlace() {
  let medium = retained(memory);
  return {
    isKept: false,
    open: () => medium.open(PLACE),
    crash: () => medium.crash(PLACE),
    clear: async () => {
      medium = retained(memory);
    },
  };
}

/** A database of the browser's, IndexedDB: it stays. @param {string} name @returns {Place} */
export function keptPlace(name) {
  const opener = level({ location: `zspine-playground/${name}` });
  return { isKept: true, open: () => opener.open(), crash: () => undefined, clear: () => opener.drop() };
}
