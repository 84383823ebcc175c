import { expect } from "vitest";
import { isZspineError, type Backend, type WriteOp } from "@zspine/core";
import { nodeMedium, type Medium } from "@zspine/location";
import { join } from "node:path";
import { openFileBackend } from "../../src/backend/file-backend.ts";
import { systemError, watchedMedium, type MediumCall } from "../medium/watched-medium.ts";
import { scratchFolder } from "../scratch-folder.ts";

const put = (name: string, size: number): WriteOp => ({
  type: "put",
  name,
  bytes: new Uint8Array(size).fill(7),
});
const remove = (name: string): WriteOp => ({ type: "remove", name });
const head = (number: number) => Uint8Array.of(number, number, number);

/** Too large for the journal. */
const LARGE = 70_000;

type Step = (backend: Backend) => Promise<void>;

/** Every step changes what {@link stateOf} tells, and does so as a whole when it is determinate. */
const steps: readonly Step[] = [
  (backend) => backend.write([put("a", 10), put("t/b", 20)]),
  (backend) => backend.createHead(1, head(1), [put("t/c", LARGE)]),
  (backend) => backend.write([put("r/d", LARGE)], { durability: "relaxed" }),
  (backend) => backend.createHead(2, head(2), [remove("a"), put("t/e", LARGE), put("t/g", 50)]),
  (backend) => backend.write([remove("t/b")]),
  (backend) => backend.createHead(3, head(3), [], { durability: "relaxed" }),
  (backend) => backend.createHead(4, head(4), [put("t/f", 60), remove("t/c")]),
];

/** All that is in a backend, as text. */
async function stateOf(backend: Backend): Promise<string> {
  const found: string[] = [];
  for await (const name of backend.list("")) found.push(`${name}: ${backend.getSync?.(name)?.length}`);
  const newest = await backend.readHead();
  return [...found, newest && `head ${newest.number}: ${newest.bytes.join()}`].join("; ");
}

let places = 0;
const newPlace = () => join(scratchFolder, `failing-${++places}`);

/** What a medium fails with, and how. */
export interface Fault {
  readonly code: string;
  /** Whether the call is done all the same, as when its answer is lost. */
  readonly isLate: boolean;
  /** Whether the medium fails from then on. */
  readonly isLasting: boolean;
}

const READS = new Set<MediumCall["method"]>(["read", "openToRead", "list", "kindOf"]);

/** The medium whose call number `at` fails, counted from when it is armed. Reading never does. */
class FailingMedium {
  calls = 0;
  hits = 0;
  at = Infinity;
  readonly medium: Medium;

  constructor({ code, isLate, isLasting }: Fault) {
    this.medium = watchedMedium(async ({ method, args }: MediumCall, proceed) => {
      if (READS.has(method)) return proceed();
      // A lock that cannot be let go of is close()'s to tell.
      if (String(args[0]).includes("ZSPINE.lock")) return proceed();
      const isHit = isLasting ? ++this.calls >= this.at : ++this.calls === this.at;
      // Nothing is cut off here, so nothing needs to be synced for real.
      const isSync = method.startsWith("sync");
      const [path, bytes] = args as [string, Uint8Array];
      const done = method === "createFile" ? () => nodeMedium.createFile(path, bytes, false) : proceed;
      if (!isHit) return isSync ? undefined : done();
      this.hits++;
      if (isLate && !isSync) await done().catch(() => undefined);
      throw systemError(code);
    });
  }
}

/** Runs the steps until one fails; checks what it tells of itself, and what is there when opened again. */
async function runWithFault(at: number, fault: Fault): Promise<number> {
  const place = newPlace();
  const failing = new FailingMedium(fault);
  const backend = await openFileBackend(place, failing.medium);
  failing.at = at;
  failing.calls = 0;
  let before = await stateOf(backend);
  let isKnown = true;
  for (const step of steps) {
    try {
      await step(backend);
      before = await stateOf(backend);
    } catch (error) {
      if (!isZspineError(error, "ZSPINE_IO")) throw error;
      expect(error.message).toContain(fault.code);
      // Reading goes on, but of heads only while no sync has failed.
      const after = await stateOf(backend).catch((reason: unknown) => reason);
      if (typeof after !== "string") expect(after).toMatchObject({ code: "ZSPINE_IO" });
      else if (error.determinate) expect(after).toBe(before);
      isKnown = error.determinate;
      break;
    }
  }
  await backend.close();
  await using reopened = await openFileBackend(place, nodeMedium);
  const found = await stateOf(reopened);
  if (isKnown) expect(found).toBe(before);
  const newest = (await reopened.readHead())?.number ?? 0;
  await reopened.createHead(newest + 1, head(newest + 1), []);
  return failing.hits;
}

/** How the medium of a program fails, in one run for each of its calls. */
export const faults: readonly Fault[] = [
  { code: "EIO", isLasting: false, isLate: false },
  { code: "EIO", isLasting: true, isLate: false },
  { code: "EIO", isLasting: false, isLate: true },
  { code: "ENOSPC", isLasting: true, isLate: false },
];

/** Runs the steps once for each call of the medium, which fails there. */
export async function failEachCall(fault: Fault): Promise<void> {
  let failures = 0;
  for (let at = 1; at < 500; at++) {
    const hits = await runWithFault(at, fault);
    if (hits === 0) break;
    failures++;
  }
  expect(failures).toBeGreaterThan(30);
  expect(failures).toBeLessThan(499);
}
