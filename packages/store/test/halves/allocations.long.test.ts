import { failingAllocations } from "./allocation-rounds.ts";

failingAllocations(250);
