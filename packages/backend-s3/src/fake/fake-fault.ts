/** A request as the fake service has taken it in. */
export interface FakeRequest {
  readonly method: string;
  /** The host that it was sent to: the service takes any for itself. */
  readonly host: string;
  readonly bucket: string;
  /** Empty for a request to the bucket, such as a listing. */
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly isList: boolean;
  /** How many requests came before. */
  readonly number: number;
}

/** How the fake service is to go wrong at a request. */
export type FakeFault =
  /** Answers with a status, after doing the work or without. */
  | {
      readonly type: "status";
      readonly status: number;
      readonly code?: string;
      readonly retryAfter?: number;
      readonly isDone?: boolean;
    }
  /** The connection breaks, after the work is done or before. */
  | { readonly type: "lose"; readonly isDone: boolean }
  /** The connection breaks, and the work is done when `land()` is called. */
  | { readonly type: "late" }
  /** Takes no notice of conditions. */
  | { readonly type: "unconditional" }
  /** Looks at the condition, and does the work in a later turn: several may win. */
  | { readonly type: "race" }
  /** The body of the answer ends after so many bytes, of which `content-length` tells, or does not. */
  | { readonly type: "cut"; readonly bytes: number; readonly isTold: boolean }
  /** One bit of the body of the answer is another. */
  | { readonly type: "flip"; readonly at: number }
  /** The answer comes so much later. */
  | { readonly type: "slow"; readonly delayMs: number };
