export { openLocation } from "./location/open-location.ts";
export type { Location, LocationOptions } from "./location/open-location.ts";
export { dropLocation } from "./location/drop-location.ts";
export type { DropOptions } from "./location/drop-location.ts";
export { errorCode, ioError } from "./medium/io-error.ts";
export type { IoErrorOptions } from "./medium/io-error.ts";
export { nodeMedium } from "./medium/medium.ts";
export type { Entry, Kind, Medium, TooShort } from "./medium/medium.ts";
