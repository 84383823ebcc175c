// @ts-check
// `npm start`: installs and builds what is not up to date, then runs the flights example with the arguments given.
// Who asks for help gets it at once.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "./project.mjs";
import { setup } from "./setup.mjs";
import { turbo } from "./turbo.mjs";

if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
  process.stdout.write(readFileSync(`${root}examples/flights/usage.txt`));
  process.exit();
}

setup();
const notice = setTimeout(() => console.log("Building …"), 700);
const code = await turbo(["run", "build", "--filter=@zspine/example-flights"], { quiet: true });
clearTimeout(notice);
if (code !== 0) process.exit(code);

// Ctrl+C goes to every process of the terminal: the example ends in order, and this one waits for it.
process.on("SIGINT", () => {});
const example = spawn(process.execPath, [`${root}examples/flights/dist/main.js`, ...process.argv.slice(2)], {
  // Where the user is, wherever npm has gone: paths among the arguments are relative to it.
  cwd: process.env["INIT_CWD"] ?? process.cwd(),
  stdio: "inherit",
});
example.on("close", (status) => {
  process.exitCode = status ?? 1;
});
