import { isZspineError, throwIfAborted, ZspineError } from "@zspine/core";
import type { Signer } from "./credentials.ts";
import type { Fetch, HttpResponse } from "./http.ts";
import type { Clock, Pace } from "./pace.ts";
import { refusalError, refusalOf, troubleError, type Refusal, type Target } from "./refusal.ts";
import type { RequestCounter } from "./requests.ts";

/** Where a client's requests go, and by what. */
export interface ClientSurroundings {
  readonly endpoints: readonly string[];
  readonly bucket: string;
  readonly prefix: string;
  readonly addressing: "path" | "virtual";
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signer: Signer;
  readonly counter: RequestCounter;
  /** How long a request is tried again for. */
  readonly patienceMs: number;
  /** How long an attempt may take, besides the time for its bytes. */
  readonly timeoutMs: number;
}

/** A request before it is signed. */
export interface Ask {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The whole key; empty for the bucket. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Statuses beside 2xx that are answers, and no failures. */
  readonly takes?: readonly number[];
  /** What messages call it. */
  readonly what: string;
  /** The one endpoint to ask, by its place. */
  readonly endpoint?: number;
  /** Ends an attempt that is under way, of a request that changes nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer that the asker has to do with. */
export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  header(name: string): string | undefined;
  /** Whether an earlier attempt, whose answer was lost, may have done what this one was refused to do. */
  readonly isRepeated: boolean;
}

/** Bytes that an attempt is given a second more for. */
const BYTES_PER_SECOND = 2 ** 18;

/** How an attempt has ended. */
type Attempt =
  | { readonly kind: "answer"; readonly answer: Omit<Answer, "isRepeated"> }
  | {
      readonly kind: "trouble";
      readonly last: Refusal | Error;
      readonly isDone: "no" | "perhaps";
      readonly retryAfterMs: number;
    }
  | { readonly kind: "again"; readonly last: Refusal; readonly waits: boolean }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * Sends requests to one bucket, and tries again what may be: every request that it is given can be repeated, for what it
 * creates is either the same bytes, or created if absent, of which the asker is told when an answer was lost.
 */
export class S3Client {
  readonly #of: ClientSurroundings;
  #endpoint = 0;

  constructor(surroundings: ClientSurroundings) {
    this.#of = surroundings;
  }

  /** How many endpoints there are. */
  get endpoints(): number {
    return this.#of.endpoints.length;
  }

  /** Where requests go, for messages. */
  get target(): Target {
    const { endpoints, bucket, prefix } = this.#of;
    return { endpoint: endpoints[this.#endpoint]!, bucket, prefix };
  }

  /**
   * @throws (rejects with) `ZSPINE_IO` for a refusal, and when the service is in trouble for longer than one is patient;
   *   `determinate` tells whether it certainly did nothing.
   */
  async send(ask: Ask): Promise<Answer> {
    const { clock, pace, patienceMs } = this.#of;
    const deadline = clock.now() + patienceMs;
    let last: Refusal | Error | undefined;
    let mayBeDone = false;
    for (let attempt = 0; ; attempt++) {
      throwIfAborted(ask.signal, ask.what);
      const isPast = clock.now() >= deadline && attempt > 0;
      if (isPast || !(await pace.enter(deadline))) {
        throw troubleError(ask.what, last, this.target, patienceMs, !mayBeDone);
      }
      if (attempt > 0) this.#of.counter.retry();
      const startedAt = clock.now();
      const ended = await this.#attempt(ask, mayBeDone);
      if (ask.signal?.aborted === true && ended.kind === "trouble") {
        pace.leave();
        continue;
      }
      if (ended.kind === "trouble") pace.fail(startedAt, ended.retryAfterMs);
      else pace.succeed();
      if (ended.kind === "answer") return { ...ended.answer, isRepeated: mayBeDone };
      if (ended.kind === "refused") throw refusalError(ask.what, ended.refusal, this.target, !mayBeDone);
      last = ended.last;
      if (ended.kind === "again") {
        if (ended.waits) await pace.wait(attempt);
        continue;
      }
      mayBeDone ||= ended.isDone === "perhaps" && !isRead(ask);
      if (ask.endpoint === undefined) this.#endpoint = (this.#endpoint + 1) % this.endpoints;
    }
  }

  async #attempt(ask: Ask, mayBeDone: boolean): Promise<Attempt> {
    const { fetch, signer, counter, timeoutMs } = this.#of;
    const { method, body } = ask;
    const url = this.#urlOf(ask);
    const { offsetMs } = signer;
    const headers = await this.#signed(ask, url, mayBeDone);
    const isList = ask.query?.["list-type"] !== undefined;
    const timeout = new AbortController();
    const seconds = (body?.length ?? 0) / BYTES_PER_SECOND;
    const cancel = this.#of.clock.schedule(
      () => timeout.abort(new Error(`there was no answer within ${timeoutMs} ms`)),
      timeoutMs + seconds * 1000,
    );
    const signal = ask.signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, ask.signal]);
    counter.note(method, isList, body?.length ?? 0);
    try {
      const sent = body === undefined ? {} : { body };
      const response = await fetch(url, { method, headers, signal, ...sent });
      const bytes = new Uint8Array(await response.arrayBuffer());
      counter.take(method, isList, bytes.length);
      return judge(ask, response, bytes, { signer, offsetMs });
    } catch (error) {
      if (isZspineError(error)) throw error;
      const last = error instanceof Error ? error : new Error(String(error));
      return { kind: "trouble", last, isDone: "perhaps", retryAfterMs: 0 };
    } finally {
      cancel();
    }
  }

  async #signed(
    { method, headers = {}, body, what }: Ask,
    url: string,
    mayBeDone: boolean,
  ): Promise<Record<string, string>> {
    try {
      return await this.#of.signer.sign(method, url, headers, body);
    } catch (cause) {
      this.#of.pace.leave();
      const message = `${what}: the credentials of s3() could not be had: ${String(cause instanceof Error ? cause.message : cause)}`;
      throw new ZspineError("ZSPINE_IO", message, { cause, determinate: !mayBeDone });
    }
  }

  #urlOf({ key, query = {}, endpoint = this.#endpoint }: Ask): string {
    const { endpoints, bucket, addressing } = this.#of;
    const base = endpoints[endpoint]!;
    const path = key.split("/").map(encodeURIComponent).join("/");
    const root =
      addressing === "path" ? `${base}/${encodeURIComponent(bucket)}` : base.replace("://", `://${bucket}.`);
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${root}${path === "" ? (addressing === "path" ? "" : "/") : `/${path}`}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
  }
}

/** Refusals that certainly did nothing, and will not be repeated for long. */
const THROTTLED = new Set(["SlowDown", "TooManyRequests", "RequestLimitExceeded", "ServiceUnavailable"]);
const IN_TROUBLE = new Set([408, 425, 429, 500, 502, 503, 504]);
/** What tells of trouble in the body of an answer that had begun as a success, so that the connection was kept. */
const TROUBLES = new Set([...THROTTLED, "InternalError", "RequestTimeout", "OperationAborted"]);

function judge(
  ask: Ask,
  response: HttpResponse,
  bytes: Uint8Array,
  { signer, offsetMs }: { readonly signer: Signer; readonly offsetMs: number },
): Attempt {
  const { status } = response;
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
  const isBegun = status >= 200 && status < 300;
  const isSuccess = isBegun && (isRead(ask) || refusalOf(status, bytes).code === "");
  if (isSuccess || ask.takes?.includes(status) === true) {
    const expected = header("content-length");
    const isCut = ask.method !== "HEAD" && expected !== undefined && header("content-encoding") === undefined;
    if (isSuccess && isCut && Number(expected) !== bytes.length) {
      const last = new Error(`the answer ended after ${bytes.length} of ${expected} bytes`);
      return { kind: "trouble", last, isDone: "perhaps", retryAfterMs: 0 };
    }
    return { kind: "answer", answer: { status, bytes, header } };
  }
  const refusal = refusalOf(status, bytes);
  if (IN_TROUBLE.has(status) || (isBegun && TROUBLES.has(refusal.code))) {
    const isDone = !isBegun && (status === 429 || THROTTLED.has(refusal.code)) ? "no" : "perhaps";
    return { kind: "trouble", last: refusal, isDone, retryAfterMs: retryAfterOf(header("retry-after")) };
  }
  // Another one has begun to create the same key, and may fail: who is first is not told yet.
  if (status === 409 && refusal.code !== "BucketAlreadyExists")
    return { kind: "again", last: refusal, waits: true };
  const isSkewed = refusal.code === "RequestTimeTooSkewed";
  if (isSkewed && signer.setTime(Date.parse(header("date") ?? ""), offsetMs))
    return { kind: "again", last: refusal, waits: false };
  const isOver = refusal.code === "ExpiredToken" || refusal.code === "TokenRefreshRequired";
  if (isOver && signer.renew()) return { kind: "again", last: refusal, waits: true };
  return { kind: "refused", refusal };
}

/** Whether a request changes nothing. */
function isRead({ method }: Ask): boolean {
  return method === "GET" || method === "HEAD";
}

function retryAfterOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), 300) * 1000 : 0;
}
