import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "@zspine/backend-file";
import { level } from "@zspine/backend-level";
import { forward } from "@zspine/conformance";
import {
  isZspineError,
  systemEnvironment,
  ZspineError,
  type Backend,
  type BackendOpener,
} from "@zspine/core";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { mountScratchDisk } from "../../location/test/scratch-disk.ts";
import { crc32 } from "../src/block/crc32.ts";
import { dropStore, openStore, Store, type StoreOptions, type Trace } from "../src/index.ts";

// What a user may point a store at by mistake, from end to end. Each has its code and a message that says what to
// do, and nothing that is there is changed.

const MEDIA: Readonly<Record<string, (location: string) => BackendOpener>> = {
  file: (location) => file({ location }),
  level: (location) => level({ location }),
};
const SCHEMAS = { key: z.int32(), value: z.string() };
const ROWS = 20;

const folder = mkdtempSync(join(tmpdir(), "zspine-bad-input-"));
afterAll(() => rmSync(folder, { recursive: true }));
let places = 0;
const newPlace = (): string => join(folder, String(++places));

/** Commits some rows. */
async function fill(backend: BackendOpener): Promise<void> {
  await using store = await openStore({ backend });
  const trace = await store.trace("rows", SCHEMAS);
  for (let key = 0; key < ROWS; key++) trace.insert(key, `value ${key}`);
  await store.commit({ metadata: { offset: 41 } });
}

async function countRows(store: Store): Promise<number> {
  const trace: Trace<number, string> = await store.trace("rows", SCHEMAS);
  let rows = 0;
  for await (const { key, value } of trace.rows()) if (value === `value ${key}`) rows++;
  return rows;
}

/** The entries of a directory and what is in them; what is in a file. */
function contentOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const hash = (at: string): string => createHash("sha256").update(readFileSync(at)).digest("hex");
  if (statSync(path).isFile()) return [hash(path)];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const at = join(entry.parentPath, entry.name);
      return entry.isFile() ? `${at} ${hash(at)}` : at;
    })
    .sort();
}

/** Reads what an error tells a user. */
async function refusalOf(opening: () => Promise<unknown>): Promise<ZspineError> {
  try {
    await opening();
  } catch (error) {
    if (isZspineError(error)) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** Makes a database of LevelDB that is in no location, as other programs have them. */
async function makeDatabase(path: string): Promise<void> {
  const location = `${path}-location`;
  await fill(level({ location }));
  renameSync(join(location, "db"), path);
}

/** Adds a head of a format that this release does not know, as a newer one would have left it. */
async function addNewerHead(opener: BackendOpener): Promise<void> {
  await using backend = await opener.open();
  const head = (await backend.readHead())!;
  const bytes = Uint8Array.from(head.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, 99, true);
  view.setUint32(12, crc32(bytes, 16, bytes.length, crc32(bytes, 0, 12)), true);
  await backend.createHead(head.number + 1, bytes, []);
}

interface BadInput {
  readonly what: string;
  /** Makes it at a path. */
  make(path: string, medium: string): Promise<void>;
  readonly options?: StoreOptions;
  readonly code: string;
  readonly message: RegExp;
  /** Whether `dropStore` takes it away, as it is a store, of whatever format. */
  readonly isDropped?: boolean;
}

const OTHER: Readonly<Record<string, string>> = { file: "level", level: "file" };

const BAD_INPUTS: readonly BadInput[] = [
  {
    what: "a directory with files of somebody else",
    async make(path) {
      mkdirSync(path);
      writeFileSync(join(path, "letter.txt"), "dear");
    },
    code: "ZSPINE_FORMAT",
    message:
      /not a location of zspine: it has "letter.txt" in it .*nothing was changed; choose an empty directory/,
  },
  {
    what: "a database of LevelDB that is not ours",
    make: makeDatabase,
    code: "ZSPINE_FORMAT",
    message: /not a location of zspine.*nothing was changed; choose an empty directory/,
  },
  {
    what: "a store over the other backend",
    make: (path, medium) => fill(MEDIA[OTHER[medium]!]!(path)),
    code: "ZSPINE_FORMAT",
    message:
      /location of the backend "(file|level)", expected "(file|level)"; open it with the backend that made it/,
  },
  {
    what: "a store in a newer layout of the backend",
    async make(path, medium) {
      await fill(MEDIA[medium]!(path));
      const marker = join(path, "ZSPINE");
      writeFileSync(marker, readFileSync(marker, "utf8").replace(/"version":\d+/, '"version":99'));
    },
    code: "ZSPINE_FORMAT",
    message: /layout of version 99, newer than \d+.*update the package/,
  },
  {
    what: "a store of a newer format",
    async make(path, medium) {
      await fill(MEDIA[medium]!(path));
      await addNewerHead(MEDIA[medium]!(path));
    },
    code: "ZSPINE_FORMAT",
    message: /format 99.*reads formats? \d+.*open it with/s,
    isDropped: true,
  },
  {
    what: "a store of a newer format, though recover is previous",
    async make(path, medium) {
      await fill(MEDIA[medium]!(path));
      await addNewerHead(MEDIA[medium]!(path));
    },
    options: { recover: "previous" },
    code: "ZSPINE_FORMAT",
    message: /format 99/,
    isDropped: true,
  },
  {
    what: "a location whose marker is damaged",
    async make(path, medium) {
      await fill(MEDIA[medium]!(path));
      writeFileSync(join(path, "ZSPINE"), "dear");
    },
    code: "ZSPINE_CORRUPT",
    message: /marker.*damaged: found "dear".*restore it from a backup/,
  },
  {
    what: "a path to a file",
    async make(path) {
      writeFileSync(path, "dear");
    },
    code: "ZSPINE_IO",
    message: /a file is where a directory is expected: choose another path/,
  },
  {
    what: "nothing, to be read only",
    make: async () => undefined,
    options: { readOnly: true },
    code: "ZSPINE_IO",
    message: /check the path/,
    isDropped: true,
  },
];

describe.each(Object.keys(MEDIA))("openStore() over backend-%s", (medium) => {
  const openerOf = MEDIA[medium]!;
  let path: string;
  beforeEach(() => {
    path = newPlace();
  });

  it.each(BAD_INPUTS)(
    "C11 refuses $what, with $code, says what to do, and changes nothing",
    async ({ make, options = {}, code, message, isDropped = false }) => {
      await make(path, medium);
      const before = contentOf(path);

      const refusal = await refusalOf(() => openStore({ ...options, backend: openerOf(path) }));

      expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) as string });
      // LevelDB changes its files when it opens, whatever is found in it then.
      if (medium === "file" || !isDropped) expect(contentOf(path)).toEqual(before);
      const dropped = await dropStore({ backend: openerOf(path) }).catch((error: unknown) => error);
      if (isDropped) expect([dropped, existsSync(path)]).toEqual([undefined, false]);
      else expect(dropped).toMatchObject({ code });
    },
  );

  it("C10 refuses a store that is open, ZSPINE_LOCKED, and says who has it", async () => {
    await fill(openerOf(path));
    await using owner = await openStore({ backend: openerOf(path) });

    const refusal = await refusalOf(() => openStore({ backend: openerOf(path) }));
    expect(refusal).toMatchObject({ code: "ZSPINE_LOCKED" });
    expect(refusal.message).toMatch(/is locked by process \d+.*close it there first/);
    expect(await countRows(owner)).toBe(ROWS);
  });

  it("refuses a medium that may not be written to, ZSPINE_IO, and says what to do", async () => {
    const disk = newPlace();
    const mounted = mountScratchDisk(disk, "size=8m");
    const location = join(disk, "store");
    // Who may not mount is bound by permission bits; root is not, and may not write to /sys.
    const isRoot = process.getuid?.() === 0;
    const wrong = mounted === undefined && isRoot ? "/sys/zspine" : location;
    try {
      await fill(openerOf(location));
      const all = [disk, ...directoriesOf(disk)];
      if (mounted === undefined) for (const at of all) chmodSync(at, 0o555);
      else mounted.remount("ro");
      const refusal = await refusalOf(() => openStore({ backend: openerOf(wrong) }));
      expect(refusal).toMatchObject({
        code: "ZSPINE_IO",
        message: expect.stringMatching(/(EROFS|EACCES|EPERM).*directory/) as string,
      });

      const toRead = await openStore({ backend: openerOf(location), readOnly: true }).catch(
        (e: unknown) => e,
      );
      if (toRead instanceof Store) {
        expect(await countRows(toRead)).toBe(ROWS);
        await toRead.close();
      } else {
        // LevelDB writes when it opens.
        expect([medium, toRead]).toMatchObject(["level", { code: "ZSPINE_IO" }]);
      }
      if (mounted === undefined) for (const at of all) chmodSync(at, 0o755);
      else mounted.remount("rw");
      await using store = await openStore({ backend: openerOf(location) });
      expect(await countRows(store)).toBe(ROWS);
    } finally {
      mounted?.unmount();
    }
  });

  it("reads on when its medium becomes read-only, and writes again when it is not", async () => {
    let isReadOnly = false;
    const failing = <T>(call: () => Promise<T>): Promise<T> =>
      isReadOnly
        ? Promise.reject(new ZspineError("ZSPINE_IO", "injected (EROFS): the medium is read only"))
        : call();
    const io = (backend: Backend): Backend => ({
      ...forward(backend),
      write: (...args) => failing(() => backend.write(...args)),
      createHead: (...args) => failing(() => backend.createHead(...args)),
    });
    await fill(openerOf(path));
    await using store = await openStore({
      backend: openerOf(path),
      environment: { ...systemEnvironment(), io },
    });
    const trace = await store.trace("rows", SCHEMAS);
    isReadOnly = true;
    trace.insert(ROWS, `value ${ROWS}`);
    const refusal = await refusalOf(() => store.commit());
    expect(refusal).toMatchObject({ code: "ZSPINE_IO", determinate: true });
    expect(await countRows(store)).toBe(ROWS + 1);
    expect((await store.verify()).problems).toEqual([]);

    isReadOnly = false;
    await store.commit();
    await store.close();
    await using reopened = await openStore({ backend: openerOf(path) });
    expect(await countRows(reopened)).toBe(ROWS + 1);
  });
});

function directoriesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}
