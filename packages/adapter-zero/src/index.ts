export { openZeroStorage, ZeroStorage } from "./storage/zero-storage.ts";
export type { ClientGroupStorage, JSONValue, Storage } from "./peer/contract.ts";
