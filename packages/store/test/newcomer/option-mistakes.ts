import { file } from "@zspine/backend-file";
import { memory } from "@zspine/backend-memory";
import { wrong, type Mistake } from "./mistake.ts";

const controller = new AbortController();

export const SIGNALS: readonly Mistake[] = [
  [
    "commit()",
    ({ store }) => store.commit(wrong({ singal: controller.signal })),
    ["commit", "singal"],
    'did you mean "signal"?',
  ],
  [
    "commit() with a signal for the options",
    ({ store }) => store.commit(wrong(controller.signal)),
    ["commit"],
    "{ signal: … }",
  ],
  [
    "commit() with a number for a signal",
    ({ store }) => store.commit({ signal: wrong(5) }),
    ["commit", "signal"],
    "an AbortSignal",
    "AbortSignal.timeout",
  ],
  [
    "commit() with a controller for a signal",
    ({ store }) => store.commit({ signal: wrong(controller) }),
    ["commit", "signal"],
    "controller.signal",
  ],
  [
    "commit() with another durability",
    ({ store }) => store.commit({ durability: wrong("fsync") }),
    ["commit", "durability"],
    '"sync" or "relaxed"',
  ],
  [
    "compact()",
    ({ store }) => store.compact(wrong({ full: true })),
    ["compact", "full"],
    '"onProgress", "signal"',
  ],
  [
    "compact() with text for a listener",
    ({ store }) => store.compact({ onProgress: wrong("log") }),
    ["compact", "onProgress"],
    "a function",
  ],
  [
    "finishMerges()",
    ({ store }) => store.finishMerges(wrong({ onprogress: () => 0 })),
    ["finishMerges", "onprogress"],
    'did you mean "onProgress"?',
  ],
  [
    "verify()",
    ({ store }) => store.verify(wrong({ deep: true })),
    ["verify", "deep"],
    '"onProgress", "signal"',
  ],
  [
    "backup() with an option that it has not",
    ({ store }) => store.backup(memory(), wrong({ overwrite: true })),
    ["backup", "overwrite"],
    '"signal"',
  ],
  [
    "backup() to a path",
    ({ store }) => store.backup(wrong("./copy")),
    ["backup", "to"],
    'file({ location: "./copy" })',
  ],
  ["backup() to a plugin", ({ store }) => store.backup(wrong(file)), ["backup", "to"], "not called"],
  [
    "get()",
    ({ trace }) => trace.get(1, wrong({ singal: controller.signal })),
    ["get", "singal"],
    'did you mean "signal"?',
  ],
  [
    "get() with a signal for the options",
    ({ trace }) => trace.get(1, wrong(controller.signal)),
    ["get"],
    "{ signal: … }",
  ],
  [
    "getMany()",
    ({ trace }) => trace.getMany([1], { signal: wrong(5) }),
    ["getMany", "signal"],
    "an AbortSignal",
  ],
  ["has()", ({ trace }) => trace.has(1, wrong({ limit: 1 })), ["has", "limit"], 'only "signal"'],
  [
    "weight()",
    ({ trace }) => trace.weight(1, "a", wrong({ limit: 1 })),
    ["weight", "limit"],
    'only "signal"',
  ],
  ["rows()", ({ trace }) => trace.rows({}, wrong({ limit: 1 })), ["rows", "limit"], 'only "signal"'],
  ["chunks()", ({ trace }) => trace.chunks({}, wrong({ limit: 1 })), ["chunks", "limit"], 'only "signal"'],
  ["count()", ({ trace }) => trace.count({}, wrong({ limit: 1 })), ["count", "limit"], 'only "signal"'],
  [
    "rows() with a signal in the range",
    ({ trace }) => trace.rows(wrong({ signal: controller.signal })),
    ["range", "signal"],
    '"gte"',
  ],
  [
    "a snapshot's rows()",
    ({ trace }) => trace.snapshot().rows(wrong({ revers: true })),
    ["range", "revers"],
    'did you mean "reverse"?',
  ],
  ["a range in a Map", ({ trace }) => trace.rows(wrong(new Map([["gte", 1]]))), ["range"], "a Map"],
  ["a range in an array", ({ trace }) => trace.count(wrong([])), ["range"], "an array of 0"],
];

export const EVENTS: readonly Mistake[] = [
  [
    "an event that there is not",
    ({ store }) => store.on(wrong("nope"), () => 0),
    ["name"],
    '"nope"',
    '"commit"',
    '"stall"',
  ],
  [
    "an event that is nearly one",
    ({ store }) => store.on(wrong("committed"), () => 0),
    ["name"],
    'did you mean "commit"?',
  ],
  ["no listener", ({ store }) => store.on("commit", wrong(5)), ["listener"], "a function", "found 5"],
];
