import { struckCold } from "./struck-cold.ts";

struckCold(true, "is full");
struckCold(false, "fails");
