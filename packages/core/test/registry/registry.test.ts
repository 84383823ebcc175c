import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  createRegistry,
  defineBackend,
  defineSerializer,
  type Backend,
  type BackendByName,
  type PluginConfig,
  type Serializer,
} from "../../src/index.ts";

const disk = defineBackend({
  type: "disk",
  options: z.strictObject({ location: z.string().min(1) }),
  create: ({ location }) => ({ type: `disk at ${location}` }) as Backend,
});

const plain = (type: string, id: number) =>
  defineSerializer({ type, create: () => ({ name: type, id }) as Serializer });

const refused = (code: string) => expect.objectContaining({ code });

describe("createRegistry()", () => {
  it("makes plugins by name, from plain configuration", () => {
    const registry = createRegistry([disk, plain("json", 9)]);
    expect(registry.backend({ type: "disk", location: "here" }).type).toBe("disk at here");
    expect(registry.serializer("json").id).toBe(9);
    expect([registry.names("backend"), registry.names("serializer")]).toEqual([["disk"], ["json"]]);
    expect([registry.has("backend", "disk"), registry.has("backend", "json")]).toEqual([true, false]);
  });

  it.each([5, null, "memory", disk, { disk }, [5], [null], [() => 0]])(
    "refuses %s for a list of plugins",
    (plugins) => {
      expect(() => createRegistry(plugins as never)).toThrowError(refused("ZSPINE_INVALID_OPTIONS"));
    },
  );

  it("keeps the plugins that it was created with, whatever becomes of the list", () => {
    const plugins = [disk];
    const registry = createRegistry(plugins);
    plugins.pop();
    registry.reset();
    expect(registry.names("backend")).toEqual(["disk"]);
  });

  it("lets a plugin make the backend that its own options name, however deep", () => {
    const over = defineBackend({
      type: "over",
      create: (options?: { cold: PluginConfig }, byName?: BackendByName) =>
        ({ type: `over ${byName?.(options!.cold).type ?? "nothing"}` }) as Backend,
    });
    const registry = createRegistry([disk, over]);
    const cold = { type: "disk", location: "here" };
    expect(registry.backend({ type: "over", cold }).type).toBe("over disk at here");
    expect(registry.backend({ type: "over", cold: { type: "over", cold } }).type).toBe(
      "over over disk at here",
    );
    expect(() => registry.backend({ type: "over", cold: "level" })).toThrowError(
      refused("ZSPINE_UNKNOWN_NAME"),
    );
    expect(over({ cold }).type).toBe("over nothing");
  });

  it("checks options by the plugin's schema, naming the path, here and in direct assembly", () => {
    const registry = createRegistry([disk]);
    const path = expect.objectContaining({ code: "ZSPINE_INVALID_OPTIONS", path: ["disk", "location"] });
    expect(() => registry.backend({ type: "disk", location: 7 })).toThrowError(path);
    expect(() => disk({ location: "" })).toThrowError(path);
    expect(() => registry.backend("disk")).toThrowError(refused("ZSPINE_INVALID_OPTIONS"));
    expect(() => registry.backend({ type: "disk", location: "x", sync: true })).toThrowError(/sync/);
  });

  it("names what is known, and the package to install, for a name that is not", () => {
    const registry = createRegistry([disk]);
    expect(() => registry.backend("level")).toThrowError(refused("ZSPINE_UNKNOWN_NAME"));
    expect(() => registry.backend("level")).toThrowError(/known: "disk"; install @zspine\/backend-level/);
    expect(() => registry.serializer("yaml")).toThrowError(/known: none; pass its plugin/);
    expect(() => registry.serializer("level")).toThrowError(/zspine has the serializers "cbor", "msgpack"/);
    expect(() => registry.serializer()).toThrowError(refused("ZSPINE_UNKNOWN_NAME"));
  });

  it("sends nobody to a package that does not exist, and lists those that do", () => {
    for (const type of ["ftp", "redis", "constructor"]) {
      const refusal = expect.objectContaining({ code: "ZSPINE_UNKNOWN_NAME" });
      expect(() => createRegistry().backend(type)).toThrowError(refusal);
      expect(() => createRegistry().backend(type)).toThrowError(
        /zspine has the backends "file", "hybrid", "level", "memory"/,
      );
      expect(() => createRegistry().backend(type)).not.toThrowError(/install/);
    }
    for (const type of ["file", "hybrid", "level", "memory", "s3"])
      expect(() => createRegistry().backend(type)).toThrowError(`install @zspine/backend-${type}`);
    for (const type of ["cbor", "msgpack"])
      expect(() => createRegistry().serializer(type)).toThrowError(`install @zspine/serializer-${type}`);
  });

  it("knows no other registry's plugins, and refuses a second one of a name", () => {
    const registry = createRegistry();
    registry.register(disk);
    expect(createRegistry().has("backend", "disk")).toBe(false);
    expect(() => registry.register(disk)).toThrowError(refused("ZSPINE_INVALID_OPTIONS"));
    expect(() => registry.register({} as never)).toThrowError(refused("ZSPINE_INVALID_OPTIONS"));
    expect(() => registry.register((() => 1) as never)).toThrowError(refused("ZSPINE_INVALID_OPTIONS"));
  });

  it("makes the default serializer: the first, a chosen name, a factory, and after reset the first again", () => {
    const registry = createRegistry([plain("a", 1), plain("b", 2)]);
    expect(registry.serializer().name).toBe("a");
    registry.setDefaultSerializer("b");
    expect(registry.serializer().name).toBe("b");
    const own = { name: "own", id: 3 } as Serializer;
    registry.setDefaultSerializer(() => own);
    expect(registry.serializer()).toBe(own);
    expect(() => registry.setDefaultSerializer("c")).toThrowError(refused("ZSPINE_UNKNOWN_NAME"));
    registry.register(disk);
    registry.reset();
    expect([registry.serializer().name, registry.has("backend", "disk")]).toEqual(["a", false]);
  });
});
