import { join } from "node:path";
import {
  handleOf,
  throwIfAborted,
  valueTooShort,
  ZspineError,
  type Backend,
  type BareBackend,
  type ByteRange,
  type Capabilities,
  type OpenOptions,
  type StoredHead,
  type WriteOp,
  type WriteOptions,
} from "@zspine/core";
import {
  ioError,
  openLocation,
  openScratch,
  unsyncedMedium,
  type Location,
  type Medium,
  type TooShort,
} from "@zspine/location";
import { Heads } from "../heads/heads.ts";
import { ScratchHeads } from "../heads/scratch-heads.ts";
import { DIRECTORIES, LAYOUT_VERSION } from "../layout/layout.ts";
import { Values } from "../values/values.ts";
import { Workspace } from "../workspace/workspace.ts";
import { Writer } from "../writer/writer.ts";

/** The name of this kind of backend. */
export const TYPE = "file";

const CAPABILITIES: Capabilities = {
  durable: true,
  syncReads: true,
  shared: false,
  maxValueBytes: 2 ** 30,
  preferredValueBytes: 2 ** 22,
};

/** Opens the backend of a location, over a medium that a test may replace. */
export async function openFileBackend(
  path: string,
  medium: Medium,
  options: OpenOptions = {},
): Promise<Backend> {
  const readOnly = options.readOnly === true;
  const location = await openLocation({
    path,
    type: TYPE,
    version: LAYOUT_VERSION,
    oldestVersion: LAYOUT_VERSION,
    readOnly,
    // Heads and values are seen whole or not at all, and never change.
    besideOwner: true,
    medium,
  });
  return openIn({ location, medium, readOnly, isScratch: false });
}

/** Opens a backend that goes with its handle, in a fresh directory within `path`: nothing of it is synced. */
export async function openScratchBackend(
  path: string,
  medium: Medium,
  mayBeInMemory = false,
): Promise<Backend> {
  const location = await openScratch({ path, type: TYPE, version: LAYOUT_VERSION, mayBeInMemory, medium });
  return openIn({ location, medium: unsyncedMedium(medium), readOnly: false, isScratch: true });
}

interface Place {
  readonly location: Location;
  readonly medium: Medium;
  readonly readOnly: boolean;
  readonly isScratch: boolean;
}

async function openIn({ location, medium, readOnly, isScratch }: Place): Promise<Backend> {
  try {
    const root = location.path;
    const at = (entry: string): string => join(root, entry);
    if (readOnly) await checkDirectories(medium, root);
    else await makeDirectories(medium, root);
    const workspace = readOnly ? undefined : await Workspace.open(medium, at("tmp"));
    const values = new Values(medium, at("values"));
    const heads = await Heads.open(medium, at("heads"), at("newest"));
    const flag = at("unsynced");
    const writer =
      workspace && (await Writer.open({ medium, root, workspace, values, heads, flag, isScratch }));
    const scratchHeads = isScratch ? new ScratchHeads() : undefined;
    return handleOf(new FileBackend({ location, values, heads, writer, scratchHeads }));
  } catch (error) {
    await location.close().catch(() => undefined);
    throw ioError(error, `the backend in "${location.path}" cannot be opened`);
  }
}

/** Makes what is missing of the directories, durably; takes them back when that fails, to be made anew. */
async function makeDirectories(medium: Medium, root: string): Promise<void> {
  const made: string[] = [];
  try {
    for (const entry of DIRECTORIES) {
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
  readonly values: Values;
  readonly heads: Heads;
  /** Missing when it is read only: the handle lets no write in. */
  readonly writer: Writer | undefined;
  /** The heads of what goes with this handle, of which nothing is synced; missing where it is kept. */
  readonly scratchHeads: ScratchHeads | undefined;
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
      durable: parts.scratchHeads === undefined,
      ...(parts.writer === undefined && { readOnly: true as const }),
    };
  }

  async get(name: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const { values } = this.#parts;
    return whole(name, range, await values.open.read(values.pathOf(name), range));
  }

  getSync(name: string, range?: ByteRange): Uint8Array | undefined {
    const { values } = this.#parts;
    return whole(name, range, values.open.readSync(values.pathOf(name), range));
  }

  write(ops: readonly WriteOp[], options?: WriteOptions): Promise<void> {
    return this.#parts.writer!.write(ops, this.#how(options));
  }

  list(prefix: string): AsyncIterable<string> {
    return this.#parts.values.names(prefix);
  }

  async readHead(number?: number): Promise<StoredHead | undefined> {
    // What the cache still has of a head whose sync has failed is no head.
    const { heads, scratchHeads, writer } = this.#parts;
    writer?.check("readHead()");
    return scratchHeads === undefined ? heads.read(number) : scratchHeads.read(number);
  }

  async createHead(
    number: number,
    bytes: Uint8Array,
    ops: readonly WriteOp[],
    options?: WriteOptions,
  ): Promise<void> {
    const { scratchHeads, writer } = this.#parts;
    if (scratchHeads === undefined) return writer!.createHead(number, bytes, ops, options);
    writer!.check(`createHead(${number})`);
    const puts = ops.filter(({ type }) => type === "put");
    const removes = ops.filter(({ type }) => type === "remove");
    await scratchHeads.create(number, bytes, async () => {
      throwIfAborted(options?.signal, `createHead(${number})`);
      if (puts.length > 0) await this.write(puts, options);
    });
    if (removes.length === 0) return;
    try {
      await this.write(removes);
    } catch (cause) {
      const message = `createHead(${number}) made the head, and could not remove what it no longer needs; go on from there`;
      throw new ZspineError("ZSPINE_IO", message, { cause, determinate: false });
    }
  }

  async close(): Promise<void> {
    const { location, values, writer } = this.#parts;
    values.open.close();
    // The location is let go of whatever happens: what is left in the workspace goes at the next open.
    await writer?.close().catch(() => undefined);
    await location.close();
  }

  explain(error: unknown, what: string): ZspineError {
    return ioError(error, `${what} failed`);
  }

  /** To scratch nothing is written `relaxed`: there is no later sync for which that would have to be kept in mind. */
  #how(options: WriteOptions | undefined): WriteOptions | undefined {
    return this.#parts.scratchHeads === undefined ? options : { signal: options?.signal };
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
