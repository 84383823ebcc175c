import { failingAllocations } from "./allocation-rounds.ts";

failingAllocations(60);
