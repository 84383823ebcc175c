export { createStorageManager, StorageManager } from "./manager/storage-manager.ts";
export type { MaintenanceReport, StateSize, StoreListing } from "./manager/storage-manager.ts";
export type {
  CreateOptions,
  LocatedBackend,
  MaintainOptions,
  StorageManagerOptions,
  SwitchOptions,
} from "./manager/manager-options.ts";
export type { Mode } from "./mode/mode.ts";
