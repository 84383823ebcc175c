// @ts-check
import { expect, test } from "vitest";
import { isNodeSupported } from "../setup.mjs";

test("isNodeSupported() is true from 20.19 on", () => {
  const versions = ["18.20.8", "20.18.3", "20.19.0", "20.20.2", "22.1.0"];
  expect(versions.map(isNodeSupported)).toEqual([false, false, true, true, true]);
});
