import { describe, it } from "node:test";
import { backendCases, skippedCases } from "@zspine/conformance";
import { dropStore, openStore, restoreStore } from "@zspine/store";
import { skippedStoreCases, storeCases } from "@zspine/store/conformance";
import { keyValue } from "@zspine/example-backend-template";
import { makeService } from "./service.mjs";

const service = makeService();
const opener = (place) => keyValue({ service, name: place });
const { capabilities } = await (async () => {
  const backend = await opener("to be asked").open();
  await backend.close();
  return backend;
})();
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("keyValue() proves the contract of backends", () => {
  const options = { capabilities, open: (place) => opener(place).open(), turn };
  for (const { name, run } of backendCases(options)) it(name, run);
  for (const { name, reason } of skippedCases(options)) it(name, { skip: reason }, () => {});
});

// The quick ones, of which ZSPINE_CASES names some; before a release, leave `speed` out.
describe("stores over keyValue() keep their promises", () => {
  const options = {
    capabilities,
    open: (given, place) => openStore({ ...given, backend: opener(`store ${place}`) }),
    places: {
      opener: (place) => opener(`store ${place}`),
      restore: restoreStore,
      drop: dropStore,
    },
    speed: "quick",
  };
  const wanted = new RegExp(process.env.ZSPINE_CASES ?? "");
  for (const { name, run } of storeCases(options)) if (wanted.test(name)) it(name, run);
  for (const { name, reason } of skippedStoreCases(options)) it(name, { skip: reason }, () => {});
});
