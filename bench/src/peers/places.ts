import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where things are. */
export const places = {
  /** The root of the repository. */
  repository: at(".."),
  /** The program that plays the contestants of JavaScript. */
  player: at("dist/player/serve.js"),
  /** The program that samples a store under a budget over time. */
  sampler: at("dist/budget/sampler.js"),
  peersJs: at("peers/js"),
  peersDbsp: at("peers/dbsp"),
  results: at("results"),
  page: at("../docs/guides/performance.md"),
  charts: at("../docs/performance"),
  /** What is made once and kept: workloads and the build of `dbsp`. */
  get kept(): string {
    return process.env["ZSPINE_BENCH_DATA"] ?? at(".data");
  },
  get temporary(): string {
    return tmpdir();
  },
  /** The files of workloads. */
  get workloads(): string {
    return join(this.kept, "workloads");
  },
};
