import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../../../location/test/process/child.ts";
import { compilePackages } from "../../../location/test/process/compiled-packages.ts";

// Opens the location, and then does, for every line of its input, a call of the backend: the method, and its
// arguments in JSON, where a number stands for so many bytes. A rename before and after it, which fails, is a mark in a trace.
const PROGRAM = `
import { renameSync } from "node:fs";
import { createInterface } from "node:readline";
import { file } from "@zspine/backend-file";
const mark = (text) => { try { renameSync("/mark/" + text, "/mark/none"); } catch {} };
const withBytes = (ops) => ops.map((op) => (op.type === "put" ? { ...op, bytes: new Uint8Array(op.bytes) } : op));
let backend;
try {
  backend = await file({ location: process.argv[2] }).open();
  console.log("open");
} catch (error) {
  console.log(error.code + " " + error.message);
}
for await (const line of createInterface({ input: process.stdin })) {
  const { method, number, bytes, ops, options } = JSON.parse(line);
  mark("begin");
  if (method === "write") await backend.write(withBytes(ops), options);
  else await backend.createHead(number, new Uint8Array(bytes), withBytes(ops), options);
  mark("end");
  console.log("done");
}
await backend?.close();
`;

/** Gives a function that opens a backend in a process of its own. */
export function prepareCommitters(folder: string): (location: string, prefix?: readonly string[]) => Child {
  compilePackages(folder, ["core", "location", "backend-file"]);
  const program = join(folder, "committer.js");
  writeFileSync(program, PROGRAM);
  return (location, prefix = []) => new Child(program, [location], prefix);
}

/** Whether system calls can be traced on this machine. */
export function canTrace(): boolean {
  try {
    execFileSync("strace", ["-e", "trace=fsync", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
