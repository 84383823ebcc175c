import { atOnce, type ByteRange } from "@zspine/core";
import type { Found } from "../client/bucket.ts";
import { PAGE_BYTES, type ObjectCache, type ObjectPage } from "./object-cache.ts";

/** Reads a part of an object of the service; `undefined` where there is none of that key. */
export type ReadObject = (key: string, range: ByteRange) => Promise<Found | undefined>;

/** A page that somebody reads, and others may wait for. */
interface Claim {
  readonly page: number;
  readonly found: Promise<ObjectPage | undefined>;
  resolve(found: ObjectPage | undefined): void;
  reject(error: unknown): void;
}

const CACHE_READS_AT_ONCE = 16;

/**
 * The objects of a place, read by way of a cache. Of objects that never change: no key is given to other bytes.
 *
 * What is read is widened to whole pages, so that whoever reads another part of the same pages finds it; pages that are missing
 * side by side are one request. A page that is being read is not asked for again. Where the service tells another ETag than what
 * the cache has, the cache is wrong, and is left aside.
 */
export class CachedObjects {
  readonly #read: ReadObject;
  readonly #cache: ObjectCache;
  readonly #place: string;
  readonly #claims = new Map<string, Claim>();
  #hits = 0;
  #misses = 0;
  #bytesRead = 0;

  /** @param place Tells the place from all others, also from one that was in its place before. */
  constructor(read: ReadObject, cache: ObjectCache, place: string) {
    this.#read = read;
    this.#cache = cache;
    this.#place = place;
  }

  /** Pages that the cache had, and had not; and what the cache has done, for whoever shares it. */
  statistics(): Readonly<Record<string, number>> {
    const { bytesWritten, evictions, failures } = this.#cache.counts();
    return {
      cacheBytesRead: this.#bytesRead,
      cacheBytesWritten: bytesWritten,
      cacheEvictions: evictions,
      cacheFailures: failures,
      cacheHits: this.#hits,
      cacheMisses: this.#misses,
    };
  }

  /** Reads a part of at least a byte. What is given is the caller's. Parts beyond the end have fewer bytes. */
  async get(key: string, range: ByteRange): Promise<Found | undefined> {
    const first = Math.floor(range.offset / PAGE_BYTES);
    const last = Math.floor((range.offset + range.length - 1) / PAGE_BYTES);
    const own: Claim[] = [];
    const all: Promise<ObjectPage | undefined>[] = [];
    for (let page = first; page <= last; page++) {
      let claim = this.#claims.get(claimKey(key, page));
      if (claim === undefined) own.push((claim = this.#claim(key, page)));
      all.push(claim.found);
    }
    if (own.length > 0) void this.#bring(key, own);
    const pages = await Promise.all(all);
    const { size, etag } = pages[0] ?? {};
    // It went meanwhile, or is another: the service knows.
    if (pages.some((page) => page?.etag !== etag || page?.size !== size)) return this.#read(key, range);
    return size === undefined ? undefined : partOf(pages as ObjectPage[], first, range);
  }

  /** Takes in an object that was put. */
  fill(key: string, bytes: Uint8Array, etag: string): void {
    for (let offset = 0, page = 0; offset < bytes.length; offset += PAGE_BYTES, page++) {
      const part = bytes.subarray(offset, offset + PAGE_BYTES);
      this.#cache.fill(this.#place + key, page, { bytes: part, size: bytes.length, etag });
    }
  }

  /** Waits for what goes on behind the calls. */
  async settled(): Promise<void> {
    await this.#cache.settled();
  }

  #claim(key: string, page: number): Claim {
    let settle: Pick<Claim, "resolve" | "reject">;
    const found = new Promise<ObjectPage | undefined>((resolve, reject) => (settle = { resolve, reject }));
    found.catch(() => undefined);
    const claim = { page, found, ...settle! };
    this.#claims.set(claimKey(key, page), claim);
    return claim;
  }

  /** Brings pages that were claimed. Whoever waits for one is told what came of it. */
  async #bring(key: string, claims: readonly Claim[]): Promise<void> {
    try {
      const object = this.#place + key;
      const found = await atOnce(claims, CACHE_READS_AT_ONCE, ({ page }) => this.#cache.read(object, page));
      const size = found.find((page) => page !== undefined)?.size ?? Infinity;
      const missing: Claim[] = [];
      for (const [at, claim] of claims.entries()) {
        const page = found[at];
        if (page === undefined && claim.page * PAGE_BYTES < size) missing.push(claim);
        else this.#hit(claim, page ?? { ...found.find((one) => one !== undefined)!, bytes: NONE });
      }
      await Promise.all(runsOf(missing).map((run) => this.#fetch(key, run)));
    } catch (error) {
      for (const { reject } of claims) reject(error);
    } finally {
      for (const { page } of claims) this.#claims.delete(claimKey(key, page));
    }
  }

  #hit(claim: Claim, page: ObjectPage): void {
    this.#hits++;
    this.#bytesRead += page.bytes.length;
    claim.resolve(page);
  }

  /** Asks the service for pages that lie side by side. */
  async #fetch(key: string, run: readonly Claim[]): Promise<void> {
    this.#misses += run.length;
    const offset = run[0]!.page * PAGE_BYTES;
    const found = await this.#read(key, { offset, length: run.length * PAGE_BYTES });
    for (const [at, { page, resolve }] of run.entries()) {
      if (found === undefined) {
        resolve(undefined);
        continue;
      }
      const { size, etag } = found;
      const bytes = found.bytes.subarray(at * PAGE_BYTES, (at + 1) * PAGE_BYTES);
      resolve({ bytes, size, etag });
      const isWhole = bytes.length === Math.min(PAGE_BYTES, size - page * PAGE_BYTES);
      if (isWhole) this.#cache.fill(this.#place + key, page, { bytes, size, etag });
    }
  }
}

const NONE = new Uint8Array(0);

function claimKey(key: string, page: number): string {
  return `${page} ${key}`;
}

/** Parts claims, ascending, into those that lie side by side. */
function runsOf(claims: readonly Claim[]): Claim[][] {
  const runs: Claim[][] = [];
  for (const claim of claims) {
    const run = runs.at(-1);
    if (run?.at(-1)?.page === claim.page - 1) run.push(claim);
    else runs.push([claim]);
  }
  return runs;
}

/** Copies a part out of the pages that it lies in, `first` and those after it. */
function partOf(pages: readonly ObjectPage[], first: number, { offset, length }: ByteRange): Found {
  const { size, etag } = pages[0]!;
  const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
  for (const [at, page] of pages.entries()) {
    const start = (first + at) * PAGE_BYTES - offset;
    const from = Math.max(0, -start);
    const part = page.bytes.subarray(from, Math.max(from, Math.min(page.bytes.length, bytes.length - start)));
    if (part.length > 0) bytes.set(part, start + from);
  }
  return { bytes, size, etag };
}
