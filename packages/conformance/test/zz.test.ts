import { it } from "vitest";
import { memory } from "../../backend-memory/src/index.ts";
import { backendCases, backendMutants, retained } from "../src/index.ts";
import { firstFailure } from "./case/first-failure.ts";
it("prof", async () => {
  const out: string[] = [];
  const seen = new Set<string>();
  for (const o of [{ capabilities: memory().capabilities, open: () => memory() }, retained(memory), retained(memory, { shared: true })]) {
    for (const m of backendMutants(o)) {
      const t = performance.now();
      if (seen.has(m.name)) continue;
      seen.add(m.name);
      const cases = backendCases(m.options);
      let n = 0; let first = "";
      for (const c of cases) { const e: any = await firstFailure([c]); if (e) { n++; first ||= e.message; } }
      out.push(`${m.name} [${n}] ${(performance.now() - t).toFixed(0)}ms\n      ${first.slice(0, 230)}`);
    }
  }
  console.log(out.length + "\n" + out.join("\n"));
}, 200000);
