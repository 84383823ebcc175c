export { opfs } from "./opfs/opfs.ts";
export type { OpfsOptions } from "./opfs/opfs.ts";
