import { backendCases, type Case } from "@zspine/conformance";
import { opfs } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";

/** The suite of backends over the browser's own files, below the directory `run`. */
export function casesIn(run: string): Case[] {
  const open = (place: string) => opfs({ location: `${run}/${place}` }).open();
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
  return backendCases({ capabilities, open, turn });
}
