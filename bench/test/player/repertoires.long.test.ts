import { describe } from "vitest";
import { itPlays } from "./plays.ts";

describe("repertoires, all of the suite", () =>
  itPlays(["zspine", "zspine-level", "map", "classic-level"], () => true));
