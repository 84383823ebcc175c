import { join } from "node:path";
import {
  checkGuest,
  handleOf,
  namesInOrder,
  valueTooShort,
  ZspineError,
  type Backend,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type OpenOptions,
  type ReadOptions,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import { ioError, openLocation, type Location, type Medium, type TooShort } from "@zspine/location";
import { Created } from "../created/created.ts";
import { Guest } from "../guest/guest.ts";
import { Hint } from "../journal/hint.ts";
import { JOURNAL_SIZES, type JournalSizes } from "../journal/journal-writer.ts";
import { Journal } from "../journal/journal.ts";
import { DIRECTORIES, GUEST_DIRECTORIES, LAYOUT_VERSION } from "../layout/layout.ts";
import { Values } from "../values/values.ts";
import { Workspace } from "../workspace/workspace.ts";
import { Writer } from "../writer/writer.ts";

/** The name of this kind of backend. */
export const TYPE = "file";

/** What a backend of a location can do. */
export const CAPABILITIES: Capabilities = {
  durable: true,
  syncReads: true,
  shared: false,
  guests: true,
  maxValueBytes: 2 ** 30,
  preferredValueBytes: 2 ** 22,
};

/** Opens the backend of a location, over a medium that a test may replace. */
export async function openFileBackend(
  path: string,
  medium: Medium,
  options: OpenOptions = {},
  sizes: JournalSizes = JOURNAL_SIZES,
): Promise<Backend> {
  checkGuest(TYPE, options, true);
  const { guest: isGuest = false, readOnly: isReadOnly = false } = options;
  const location = await openLocation({
    path,
    type: TYPE,
    version: LAYOUT_VERSION,
    oldestVersion: LAYOUT_VERSION,
    // A guest writes to what is there, and holds nothing.
    readOnly: isReadOnly || isGuest,
    // Heads and values are seen whole or not at all, and never change: the journal only grows.
    besideOwner: true,
    medium,
  });
  const role = isGuest ? "guest" : isReadOnly ? "reader" : "writer";
  return openIn({ location, medium, role, sizes });
}

interface Place {
  readonly location: Location;
  readonly medium: Medium;
  readonly role: "guest" | "reader" | "writer";
  readonly sizes: JournalSizes;
}

async function openIn({ location, medium, role, sizes }: Place): Promise<Backend> {
  try {
    const root = location.path;
    const at = (entry: string): string => join(root, entry);
    if (role === "writer") await makeDirectories(medium, root);
    else await checkDirectories(medium, root);
    if (role === "guest") await makeDirectories(medium, root, GUEST_DIRECTORIES);
    const workspace = role === "writer" ? await Workspace.open(medium, at("tmp")) : undefined;
    const created = new Created(medium, at("created"));
    const values = new Values(medium, at("values"));
    const flag = at("unsynced");
    const hint = await Hint.open(medium, at("newest"));
    const journal = await Journal.open(medium, at("journal"), hint);
    const writer =
      workspace && (await Writer.open({ medium, root, workspace, values, created, flag }, journal, sizes));
    const guest = role === "guest" ? await Guest.open(medium, at("tmp"), created) : undefined;
    return handleOf(new FileBackend({ location, medium, values, created, journal, writer, guest }));
  } catch (error) {
    await location.close().catch(() => undefined);
    throw ioError(error, `the backend in "${location.path}" cannot be opened`);
  }
}

/** Makes what is missing of the directories, durably; takes them back when that fails, to be made anew. */
async function makeDirectories(
  medium: Medium,
  root: string,
  entries: readonly string[] = DIRECTORIES,
): Promise<void> {
  const made: string[] = [];
  try {
    for (const entry of entries) {
      const path = join(root, entry);
      if ((await medium.kindOf(path)) === undefined) made.push(path);
      await medium.makeDirectory(path);
    }
    await medium.syncDirectory(root);
  } catch (error) {
    for (const path of made) await medium.removeDirectory(path).catch(() => undefined);
    throw error;
  }
}

/** @throws (rejects with) `ZSPINE_CORRUPT` when what is no directory, such as a symbolic link, stands for one. */
async function checkDirectories(medium: Medium, root: string): Promise<void> {
  for (const entry of DIRECTORIES) {
    const kind = await medium.kindOf(join(root, entry));
    if (kind === undefined || kind === "directory") continue;
    throw new ZspineError(
      "ZSPINE_CORRUPT",
      `"${join(root, entry)}" is no directory, and symbolic links inside a location are not followed; restore the location from a backup`,
    );
  }
}

interface FileBackendParts {
  readonly location: Location;
  readonly medium: Medium;
  readonly values: Values;
  readonly created: Created;
  readonly journal: Journal;
  /** Missing when it is read only, and of a guest: the handle lets no write in, and no head. */
  readonly writer: Writer | undefined;
  readonly guest: Guest | undefined;
}

class FileBackend implements BareBackend {
  readonly type = TYPE;
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #parts: FileBackendParts;

  constructor(parts: FileBackendParts) {
    this.#parts = parts;
    this.name = `file backend in "${parts.location.path}"`;
    this.capabilities = {
      ...CAPABILITIES,
      ...(parts.writer === undefined && (parts.guest ? { guest: true } : { readOnly: true })),
    };
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const { created, journal, values, writer } = this.#parts;
    const path = values.pathOf(name);
    const read = async () =>
      (await journal.read(name, range)) ??
      (await values.open.read(path, range)) ??
      (await created.read(name, range));
    const found = await read();
    // A writer beside this handle may have put it meanwhile.
    if (found !== undefined || writer !== undefined || (await journal.refresh()) !== true)
      return whole(name, range, found);
    return whole(name, range, await read());
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    const { created, journal, values } = this.#parts;
    const found =
      journal.readSync(name, range) ??
      values.open.readSync(values.pathOf(name), range) ??
      created.readSync(name, range);
    return whole(name, range, found);
  }

  write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void> {
    const { guest, writer } = this.#parts;
    return (guest ?? writer!).write(ops, options);
  }

  async create(name: string, bytes: Uint8Array, options?: ReadOptions): Promise<boolean> {
    const { created, guest, journal, medium, values, writer } = this.#parts;
    // So that who comes late writes no file for nothing.
    if (await created.has(name)) return false;
    if (guest !== undefined) await journal.refresh();
    // What the writer has put stands elsewhere; nobody puts what others create.
    if (journal.has(name) || (await medium.kindOf(values.pathOf(name))) === "file") return false;
    return (guest ?? writer!).create(name, bytes, options);
  }

  async *list(prefix: string): AsyncIterable<string> {
    const { created, journal, values, writer } = this.#parts;
    if (writer === undefined) await journal.refresh();
    const others = journal.names(prefix);
    for await (const name of created.names(prefix)) others.push(name);
    yield* namesInOrder(others.sort(), values.names(prefix));
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    // What the cache still has of a head whose sync has failed is no head.
    const { journal, writer } = this.#parts;
    writer?.check("readHead()");
    if (writer === undefined) await journal.refresh();
    return journal.readHead(number);
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void> {
    await this.#parts.writer!.createHead(number, bytes, ops, options);
  }

  async close(): Promise<void> {
    const { created, guest, journal, location, values, writer } = this.#parts;
    values.open.close();
    created.close();
    // The location is let go of whatever happens: what is left in the workspace goes at the next open.
    await (guest ?? writer)?.close().catch(() => undefined);
    journal.close();
    await location.close();
  }

  explain(error: unknown, what: string): ZspineError {
    return ioError(error, `${what} failed`);
  }
}

function whole(
  name: string,
  range: ByteRange | undefined,
  found: Uint8Array | TooShort | undefined,
): Uint8Array | undefined {
  if (found === undefined || found instanceof Uint8Array) return found;
  const expected = range === undefined ? "as many as its file told before" : range.offset + range.length;
  throw valueTooShort(name, found.size, expected);
}
