export { file } from "./file/file.ts";
export type { FileOptions } from "./file/file-options.ts";
