import type { Allowance } from "@zspine/core";

/** What a store may hold where nothing presses. */
export const UNLIMITED: Allowance = { level: "normal", bytes: Infinity, restBytes: Infinity };
