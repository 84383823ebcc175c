import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { createRegistry, deflate } from "@zspine/core";
import { msgpack } from "@zspine/serializer-msgpack";
import { z } from "zod";
import { dropStore, openStore, restoreStore, tiered } from "../../src/index.ts";
import { wrong, type Mistake } from "./mistake.ts";

const SCHEMAS = { key: z.int32(), value: z.string() };

export const OPENING: readonly Mistake[] = [
  [
    "a plugin that was not called",
    () => openStore({ backend: wrong(file) }),
    ["openStore", "backend"],
    "not called",
    'backend: file({ location: "./data" })',
  ],
  [
    "memory that was not called",
    () => openStore({ backend: wrong(memory) }),
    ["openStore", "backend"],
    "backend: memory()",
  ],
  [
    "a serializer that was not called",
    () => openStore({ serializer: wrong(msgpack) }),
    ["openStore", "serializer"],
    "serializer: msgpack()",
  ],
  [
    "a backend for a serializer",
    () => openStore({ serializer: wrong(memory) }),
    ["openStore", "serializer"],
    "it makes a backend",
  ],
  [
    "a path for a backend",
    () => openStore({ backend: "./data" }),
    ["openStore", "backend"],
    'backend: file({ location: "./data" })',
    "@zspine/backend-file",
  ],
  [
    "a path and a registry",
    () => openStore({ backend: "/var/data", registry: createRegistry([memory]) }),
    ["openStore", "backend"],
    'file({ location: "/var/data" })',
  ],
  [
    "a name without a registry",
    () => openStore({ backend: "level" }),
    ["openStore", "backend"],
    "registry: createRegistry([level])",
    "@zspine/backend-level",
  ],
  [
    "a name of a serializer without a registry",
    () => openStore({ serializer: "cbor" }),
    ["openStore", "serializer"],
    "serializer: cbor()",
    "@zspine/serializer-cbor",
  ],
  [
    "a name of somebody else's",
    () => openStore({ backend: { type: "redis" } }),
    ["openStore", "backend"],
    "createRegistry([…])",
  ],
  [
    "a backend in a promise",
    () => openStore({ backend: wrong(Promise.resolve(memory())) }),
    ["openStore", "backend"],
    "await",
  ],
  [
    "a backend that is none",
    () => openStore({ backend: wrong({ get: 1 }) }),
    ["openStore", "backend"],
    "memory()",
  ],
  [
    "a backend for the options",
    () => openStore(wrong(file({ location: "./data" }))),
    ["openStore"],
    "openStore({ backend: file(",
  ],
  ["a plugin for the options", () => openStore(wrong(file)), ["openStore"], "openStore({ backend: file("],
  [
    "a path for the options",
    () => openStore(wrong("./data")),
    ["openStore"],
    'openStore({ backend: file({ location: "./data" }) })',
  ],
  [
    "a misspelt option",
    () => openStore(wrong({ readonly: true })),
    ["openStore", "readonly"],
    'did you mean "readOnly"?',
  ],
  [
    "an option of another",
    () => openStore(wrong({ fsync: true })),
    ["openStore", "fsync"],
    '"cacheBytes"',
    '"strategy"',
  ],
  [
    "a boolean in text",
    () => openStore({ readOnly: wrong("yes") }),
    ["openStore", "readOnly"],
    "true or false",
    '"yes"',
  ],
  [
    "a strategy that was not called",
    () => openStore({ strategy: wrong(tiered) }),
    ["openStore", "strategy"],
    "strategy: tiered()",
  ],
  [
    "a compression that was not called",
    () => openStore({ compression: wrong(deflate) }),
    ["openStore", "compression"],
    "compression: deflate()",
  ],
  [
    "what makes something else, for an environment",
    () => openStore({ environment: wrong(deflate) }),
    ["openStore", "environment"],
    "environment: systemEnvironment()",
    /^((?!write).)*$/s,
  ],
  [
    "what makes something else, for a compression",
    () => openStore({ compression: wrong(tiered) }),
    ["openStore", "compression"],
    "compression: deflate()",
  ],
  ["file() of nothing", () => file(), ["file"], "write file({ location: … })"],
  [
    "file() of a path",
    () => file(wrong({ path: "./data" })),
    ["file", "path"],
    "write file({ location: … })",
  ],
  ["a path with a NUL", () => file({ location: "a\0b" }), ["file", "location"], '"a\\u0000b"'],
  [
    "another way of recovering",
    () => openStore({ recover: wrong("always") }),
    ["openStore", "recover"],
    '"never" or "previous"',
  ],
  [
    "dropStore() of a backend",
    () => dropStore(wrong(file({ location: "./data" }))),
    ["dropStore"],
    "dropStore({ backend: file(",
  ],
  [
    "dropStore() of a path",
    () => dropStore({ backend: wrong("./data") }),
    ["dropStore", "backend"],
    'file({ location: "./data" })',
  ],
  [
    "dropStore() of what is open",
    () => dropStore({ backend: wrong(memory()) }),
    ["dropStore", "backend"],
    "still to be opened",
  ],
  ["dropStore() of nothing", () => dropStore(wrong({})), ["dropStore", "backend"], "a backend"],
  [
    "restoreStore() with a name that it has not",
    () => restoreStore(wrong({ from: file({ location: "a" }), to: file({ location: "b" }), force: true })),
    ["restoreStore", "force"],
    '"from", "onProgress", "signal", "to"',
  ],
  [
    "restoreStore() to nowhere",
    () => restoreStore(wrong({ from: file({ location: "a" }) })),
    ["restoreStore", "to"],
    "a backend",
  ],
];

export const TRACES: readonly Mistake[] = [
  [
    "one schema for both",
    ({ store }) => store.trace("y", wrong(z.object({ a: z.int32() }))),
    ["trace"],
    "{ key: …, value: … }",
    "value: z.object({ … })",
  ],
  [
    "a schema left out",
    ({ store }) => store.trace("y", wrong({ key: z.int32() })),
    ["value"],
    "a zod schema",
    "z.undefined()",
  ],
  [
    "validate in text",
    ({ store }) => store.trace("y", { ...SCHEMAS, validate: wrong("yes") }),
    ["trace", "validate"],
    "true or false",
  ],
  [
    "validate as a number",
    ({ store }) => store.trace("y", { ...SCHEMAS, validate: wrong(1) }),
    ["trace", "validate"],
    "found 1",
  ],
  [
    "a misspelt option",
    ({ store }) => store.trace("y", wrong({ ...SCHEMAS, validates: true })),
    ["trace", "validates"],
    'did you mean "validate"?',
  ],
];
