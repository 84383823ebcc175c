// A contestant that answers 7, but for what its first argument says.
import { createInterface } from "node:readline";

const [manner] = process.argv.slice(2);
let runs = 0;
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const [what] = line.split(" ");
  if (what === "exit") break;
  if (manner === "hangs") continue;
  if (manner === "stubborn") process.on("SIGTERM", () => {});
  if (manner === "crashes" && what === "run") {
    process.stderr.write("Error: out of ideas\n");
    process.exit(3);
  }
  if (manner === "babbles") {
    process.stdout.write("hello\n");
    continue;
  }
  if (manner === "refuses" && what === "open") say({ error: "no such work" });
  else if (what === "open") say({});
  else if (what === "check") say({ check: manner === "wrong check" ? 8 : 7 });
  else {
    runs++;
    say({
      wall: runs,
      cpu: runs / 2,
      answer: manner === "wrong later" && runs > 2 ? 8 : 7,
      pid: process.pid,
      extra: 10 * runs,
    });
  }
}
