import { describe, expect, it } from "vitest";
import { memory } from "../../../backend-memory/src/index.ts";
import { retained } from "../../src/index.ts";

const bytes = Uint8Array.of(1);

describe("retained()", () => {
  it("crash() kills the handles on a place, unlocks it, and keeps what was written", async () => {
    const medium = retained(memory);
    const killed = await medium.open("here");
    await killed.createHead(1, bytes, [{ type: "put", name: "a", bytes }]);
    medium.crash("here");
    const opened = await medium.open("here");
    await expect(killed.get("a")).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    await expect(killed.createHead(2, bytes, [])).rejects.toMatchObject({ code: "ZSPINE_CLOSED" });
    expect((await opened.readHead())?.number).toBe(1);
    expect(await opened.get("a")).toEqual(bytes);
  });

  it("crash() of one place leaves others, and close() of a killed handle unlocks nothing", async () => {
    const medium = retained(memory);
    const killed = await medium.open("here");
    const other = await medium.open("there");
    medium.crash("here");
    medium.crash("nowhere");
    const opened = await medium.open("here");
    await killed.close();
    await expect(medium.open("here")).rejects.toMatchObject({ code: "ZSPINE_LOCKED" });
    await other.write([]);
    await opened.write([]);
  });
});
