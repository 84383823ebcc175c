import { it } from "vitest";
import { cutAtChanges, killAtChanges } from "./one-commit.ts";

it("F21 TT19 has what one commit has inserted in both traces or in none, when the power fails at every change", () =>
  cutAtChanges(1));

it("F21 TT19 has what one commit has inserted in both traces or in none, when the process is killed at every change", () =>
  killAtChanges(1));
