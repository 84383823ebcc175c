import { it } from "vitest";
import { STAGES } from "../src/move.ts";
import { killMove } from "./killed-move.ts";

it.each(STAGES)("move() goes on when it was killed before %s, and nothing is lost or there twice", (stage) =>
  killMove(stage, "before"),
);
