/** How many requests of a class were made, and the bytes of their bodies. */
export interface RequestCount {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * Requests by the classes that services charge for, each attempt counted: `put` is PUT, POST and LIST, with the bytes that
 * were sent; `get` is GET and HEAD, with the bytes that came; `delete` is free with most.
 */
export interface RequestCounts {
  readonly put: RequestCount;
  readonly get: RequestCount;
  readonly delete: RequestCount;
  /** How many of those of `put` were listings. */
  readonly lists: number;
}

/** Counts requests. */
export class RequestCounter {
  readonly #put = { requests: 0, bytes: 0 };
  readonly #get = { requests: 0, bytes: 0 };
  readonly #delete = { requests: 0, bytes: 0 };
  #lists = 0;
  #heads = 0;
  #retries = 0;
  #bytesReceived = 0;

  note(method: string, isList: boolean, sent: number): void {
    const count = this.#of(method, isList);
    count.requests++;
    if (method === "HEAD") this.#heads++;
    if (isList) this.#lists++;
    else if (count === this.#put) count.bytes += sent;
  }

  /** Notes the bytes of an answer's body. */
  take(method: string, isList: boolean, bytes: number): void {
    this.#bytesReceived += bytes;
    const count = this.#of(method, isList);
    if (count === this.#get) count.bytes += bytes;
  }

  /** Notes that a request is made again, whose last attempt has met trouble. */
  retry(): void {
    this.#retries++;
  }

  /** All of it by name; PUT and POST are `puts`. */
  statistics(): Readonly<Record<string, number>> {
    return {
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#put.bytes,
      deletes: this.#delete.requests,
      gets: this.#get.requests - this.#heads,
      heads: this.#heads,
      lists: this.#lists,
      puts: this.#put.requests - this.#lists,
      retries: this.#retries,
    };
  }

  counts(): RequestCounts {
    return { put: { ...this.#put }, get: { ...this.#get }, delete: { ...this.#delete }, lists: this.#lists };
  }

  #of(method: string, isList: boolean): { requests: number; bytes: number } {
    if (method === "DELETE") return this.#delete;
    return isList || method === "PUT" || method === "POST" ? this.#put : this.#get;
  }
}
