#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { processTerminal } from "./console/terminal.ts";
import { run } from "./program/run.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};
process.exitCode = await run(process.argv.slice(2), processTerminal(), version);
// What nobody reads any more would keep the process waiting for its end.
process.stdin.destroy();
