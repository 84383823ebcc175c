import { afterEach, describe, expect, it, vi } from "vitest";
import { Listeners } from "../../src/listeners/listeners.ts";

afterEach(() => vi.unstubAllGlobals());

describe("Listeners", () => {
  it("R2 tells each as often as it was added, in order, until it is taken off", () => {
    const listeners = new Listeners<number>();
    const heard: string[] = [];
    const twice = (told: number) => heard.push(`twice ${told}`);
    const off = listeners.add(twice);
    listeners.add((told) => heard.push(`other ${told}`));
    listeners.add(twice);
    listeners.tell(1);
    off();
    off();
    listeners.tell(2);
    expect(heard).toEqual(["twice 1", "other 1", "twice 1", "other 2", "twice 2"]);
    expect(listeners.size).toBe(2);
  });

  it("R2 tells all others when one throws, and reports what it threw", () => {
    const reports: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (report: () => void) => reports.push(report));
    const listeners = new Listeners<number>();
    const heard: number[] = [];
    listeners.add(() => {
      throw new Error("mine");
    });
    listeners.add((told) => heard.push(told));
    listeners.tell(7);
    expect(heard).toEqual([7]);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toThrowError("mine");
  });

  it("does not tell one that another has taken off meanwhile", () => {
    const listeners = new Listeners<number>();
    const heard: number[] = [];
    listeners.add(() => off());
    const off = listeners.add((told) => heard.push(told));
    listeners.tell(7);
    expect(heard).toEqual([]);
  });
});
