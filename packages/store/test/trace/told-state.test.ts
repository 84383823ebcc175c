import { describe, expect, it } from "vitest";
import { ToldState } from "../../src/trace/told-state.ts";

describe("ToldState", () => {
  it("is what was found, and not to be committed", () => {
    const told = new ToldState("found");
    expect([told.now, told.committed, told.taken, told.isUncommitted]).toEqual([
      "found",
      "found",
      "found",
      false,
    ]);
  });

  it("goes into a commit as it was when that was called, whatever was told since", () => {
    const told = new ToldState("a");
    told.now = "b";
    told.hold(1);
    told.now = "c";
    told.hold(2);
    told.now = "d";
    told.take(1);
    expect([told.taken, told.committed, told.now]).toEqual(["b", "a", "d"]);
    told.settle(true);
    expect([told.taken, told.committed, told.isUncommitted]).toEqual(["b", "b", true]);
    told.release(1);
    told.take(2);
    told.settle(true);
    expect([told.committed, told.now, told.isUncommitted]).toEqual(["c", "d", true]);
  });

  it("is to be committed again when the commit comes to nothing", () => {
    const told = new ToldState("a");
    told.now = "b";
    told.hold(1);
    told.take(1);
    told.settle(false);
    expect([told.taken, told.committed, told.now, told.isUncommitted]).toEqual(["a", "a", "b", true]);
    told.release(1);
    told.hold(1);
    told.take(1);
    told.settle(true);
    expect([told.committed, told.isUncommitted]).toEqual(["b", false]);
  });

  it("is at a place what it was told last there", () => {
    const told = new ToldState("a");
    told.hold(1);
    told.now = "b";
    told.hold(1);
    told.take(1);
    expect(told.taken).toBe("b");
  });

  it("goes back to the last commit that waits, to the one in flight, or to the last that was acknowledged", () => {
    const told = new ToldState("a");
    told.now = "b";
    told.hold(1);
    told.now = "c";
    told.hold(2);
    told.now = "d";
    told.discard(2);
    expect(told.now).toBe("c");
    told.take(1);
    told.discard(undefined);
    expect([told.now, told.taken]).toEqual(["b", "b"]);
    told.settle(false);
    expect([told.now, told.isUncommitted]).toEqual(["b", true]);
    told.discard(undefined);
    expect([told.now, told.isUncommitted]).toEqual(["a", false]);
  });

  it("has what was edited in the next head, whatever that takes, and in all that waits", () => {
    const add = (text: string) => (state: string) => state + text;
    const told = new ToldState("a");
    told.now = "b";
    told.hold(1);
    told.edit(add("!"));
    expect([told.now, told.committed]).toEqual(["b!", "a"]);
    told.takeEdits();
    told.edit(add("?"));
    expect(told.taken).toBe("a!");
    told.settle(false);
    told.takeEdits();
    expect(told.taken).toBe("a!?");
    told.edit(add("."));
    told.settle(true);
    expect([told.committed, told.now, told.isUncommitted]).toEqual(["a!?", "b!?.", true]);
    told.discard(undefined);
    expect(told.now).toBe("a!?.");
    told.take(1);
    expect(told.taken).toBe("b!?.");
    told.settle(true);
    expect(told.committed).toBe("b!?.");
    told.takeEdits();
    expect(told.taken).toBe("b!?.");
  });

  it("takes edits back that are discarded, but those that a commit which waits covers, or a head says", () => {
    const add = (text: string) => (state: string) => state + text;
    const told = new ToldState("a");
    told.edit(add("1"), true);
    told.edit(add("2"));
    told.discard(undefined);
    expect([told.now, told.isEdited]).toEqual(["a2", true]);
    told.edit(add("3"), true);
    told.hold(1);
    told.edit(add("4"), true);
    told.edit(add("5"));
    told.now = `${told.now}x`;
    told.discard(1);
    expect(told.now).toBe("a235");
    told.take(1);
    expect(told.taken).toBe("a235");
    told.edit(add("6"), true);
    told.discard(1);
    expect(told.now).toBe("a235");
    told.settle(true);
    expect([told.committed, told.now, told.isEdited, told.isUncommitted]).toEqual([
      "a235",
      "a235",
      false,
      false,
    ]);
    // One that a head says is there for good.
    told.edit(add("7"), true);
    told.takeEdits();
    told.discard(undefined);
    told.settle(true);
    expect([told.committed, told.now]).toEqual(["a2357", "a2357"]);
    told.release(1);
    told.edit(add("8"), true);
    told.discard(undefined);
    expect([told.now, told.isEdited]).toEqual(["a2357", false]);
  });

  it("is what a newer head says, in a store that only reads", () => {
    const told = new ToldState("a");
    told.renew("b");
    expect([told.now, told.committed, told.taken, told.isUncommitted]).toEqual(["b", "b", "b", false]);
  });
});
