import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { layoutOf } from "../../src/index.ts";
import { jsonSerializer } from "./json-serializer.ts";

// The law: an error belongs to its caller. What is left to an unhandled rejection ends the process.

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};
let others: NodeJS.UnhandledRejectionListener[] = [];

beforeEach(() => {
  others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", note);
  unhandled.length = 0;
});

afterEach(() => {
  process.removeAllListeners("unhandledRejection");
  for (const listener of others) process.on("unhandledRejection", listener);
});

/** Waits until rejections that nobody handles have been told. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function errorOf(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("Layout.validate()", () => {
  const failure = new TypeError("of the refinement's");
  const throws = (): never => {
    throw failure;
  };

  it("throws what a refinement throws, as it is, and leaves nothing behind", async () => {
    const schemas = [
      z.int32().refine(throws),
      z.object({ a: z.int32().check(throws) }),
      z.array(z.int32()).superRefine(throws),
    ];
    const values = [1, { a: 1 }, [1]];
    for (const [at, schema] of schemas.entries())
      expect(errorOf(() => validatorOf(schema)(values[at]))).toBe(failure);
    await settle();
    expect(unhandled).toEqual([]);
  });

  it("refuses with the message of the schema, and gives no word to a refinement that throws only then", async () => {
    const refusing = z.object({ a: z.int32().refine(() => false, "too odd") });
    expect(errorOf(() => validatorOf(refusing)({ a: 1 }))).toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["item", "a"],
      message: expect.stringContaining("too odd") as string,
    });
    let calls = 0;
    const fickle = z.int32().refine(() => {
      if (++calls > 1) throw failure;
      return false;
    });
    expect(errorOf(() => validatorOf(fickle)(1))).toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      path: ["item"],
      message: expect.stringContaining("refused by a check of its schema") as string,
    });
    await settle();
    expect(unhandled).toEqual([]);
  });

  it("refuses asynchronous checks", async () => {
    const asynchronous = z.int32().refine(async () => true);
    expect(errorOf(() => validatorOf(asynchronous)(1))).toMatchObject({
      code: "ZSPINE_INVALID_OPTIONS",
      message: expect.stringContaining("asynchronous checks cannot run here") as string,
    });
    await settle();
    expect(unhandled).toEqual([]);
  });
});

function validatorOf(schema: z.ZodType): (value: unknown) => void {
  const layout = layoutOf(schema, undefined, { serializer: jsonSerializer() });
  return (value) => {
    layout.validate(value, undefined);
  };
}
