import { commands } from "vitest/browser";

/** What `tabs.mjs` does for a test. */
interface TabCommands {
  /** Opens a tab that runs the module at a path from the root; tells its number. */
  openTab(module: string): Promise<number>;
  /** Asks a tab, and tells what it answers. */
  askTab(tab: number, request: unknown): Promise<unknown>;
  /** Closes a tab, whatever it is doing. */
  closeTab(tab: number): Promise<void>;
}

export const { openTab, askTab, closeTab }: TabCommands = commands as unknown as TabCommands;
