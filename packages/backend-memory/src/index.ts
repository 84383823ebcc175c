export { memory } from "./memory/memory.ts";
export type { MemoryOptions } from "./memory/memory.ts";
