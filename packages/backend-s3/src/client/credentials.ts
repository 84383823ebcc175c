import { AwsV4Signer } from "aws4fetch";
import { hex } from "./hex.ts";

/** Keys to a service, as it gives them out. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined;
  /** When they end, where that is known: others are asked for a minute before. */
  readonly expiration?: Date | undefined;
}

const RENEWED_BEFORE_MS = 60_000;
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Signs requests, by a clock that is set right when the service says that it is wrong, and asks for keys when they end. */
export class Signer {
  readonly #credentials: S3Credentials | (() => Promise<S3Credentials>);
  readonly #region: string;
  /** Derived keys, each of a day. */
  readonly #derived = new Map<string, ArrayBuffer>();
  #current: Promise<S3Credentials> | undefined;
  #offsetMs = 0;

  constructor(credentials: S3Credentials | (() => Promise<S3Credentials>), region: string) {
    this.#credentials = credentials;
    this.#region = region;
  }

  /** Gives the headers of a request with those that sign it; `body` is signed with it. */
  async sign(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
  ): Promise<Record<string, string>> {
    const keys = await this.#keys();
    const datetime = new Date(Date.now() + this.#offsetMs).toISOString().replace(/[:-]|\.\d{3}/g, "");
    const sha256 = body === undefined ? EMPTY_SHA256 : await sha256Of(body);
    const signed: Record<string, string> = {
      ...headers,
      "x-amz-content-sha256": sha256,
      "x-amz-date": datetime,
    };
    if (keys.sessionToken !== undefined) signed["x-amz-security-token"] = keys.sessionToken;
    const signer = new AwsV4Signer({
      method,
      url,
      headers: signed,
      service: "s3",
      region: this.#region,
      cache: this.#derived,
      datetime,
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
    });
    return { ...signed, authorization: await signer.authHeader() };
  }

  /** By how much its clock was set right. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /**
   * Takes over the time of the service, once, when it has refused what was signed with the clock set right by `offsetMs`.
   * Whether it is worth signing that again.
   */
  setTime(serverTime: number, offsetMs: number): boolean {
    // Another answer has told meanwhile.
    if (offsetMs !== this.#offsetMs) return true;
    if (this.#offsetMs !== 0 || !Number.isFinite(serverTime)) return false;
    this.#offsetMs = serverTime - Date.now();
    return true;
  }

  /** Asks for other keys the next time. Whether there can be others. */
  renew(): boolean {
    this.#current = undefined;
    this.#derived.clear();
    return typeof this.#credentials === "function";
  }

  async #keys(): Promise<S3Credentials> {
    if (typeof this.#credentials !== "function") return this.#credentials;
    const current = (this.#current ??= this.#credentials());
    try {
      const keys = await current;
      const end = keys.expiration?.getTime() ?? Infinity;
      if (end - RENEWED_BEFORE_MS < Date.now() && this.#current === current) this.renew();
      return keys;
    } catch (error) {
      if (this.#current === current) this.#current = undefined;
      throw error;
    }
  }
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)));
}
