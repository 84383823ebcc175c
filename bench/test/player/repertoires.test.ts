import { describe } from "vitest";
import { itPlays } from "./plays.ts";

describe("repertoires, in bulk and in small steps", () =>
  itPlays(
    ["zspine", "map"],
    ({ part, kind }) => (part === "bulk" && kind === "int") || (part === "steps" && kind === "objects"),
  ));
