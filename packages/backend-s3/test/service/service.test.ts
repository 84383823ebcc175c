import { backendCases } from "@zspine/conformance";
import { describe, it } from "vitest";
import { dropStore, openStore, restoreStore } from "../../../store/src/index.ts";
import { storeCases } from "../../../store/src/conformance/index.ts";
import { s3 } from "../../src/index.ts";
import { capabilities } from "../capabilities.ts";
import { serviceOptions } from "./service.ts";

const options = serviceOptions();
const run = `run-${Date.now().toString(36)}`;
const opener = (place: string) => s3({ ...options!, prefix: `${run}/${place}` });
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

describe.skipIf(options === undefined)("over a real service, which ZSPINE_S3_ENDPOINT names,", () => {
  describe("s3() proves the backend contract", () => {
    const cases = backendCases({ capabilities, open: (place, how) => opener(place).open(how), turn });
    for (const { name, run: runCase } of cases) it(name, runCase);
  });

  describe("a store passes every third of the quick cases", () => {
    const cases = storeCases({
      capabilities,
      open: (given, place) => openStore({ ...given, backend: opener(`store/${place}`) }),
      places: { opener: (place) => opener(`store/${place}`), restore: restoreStore, drop: dropStore },
      speed: "quick",
    });
    for (const { name, run: runCase } of cases.filter((_, n) => n % 3 === 0)) it(name, runCase);
  });
});
