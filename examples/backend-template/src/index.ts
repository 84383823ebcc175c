export { keyValue } from "./key-value-backend.ts";
export type { KeyValueOptions } from "./key-value-backend.ts";
export type { KeyValueService } from "./key-value-service.ts";
